#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace trainbench::profile {

/// A kernel's name as a table can show it: namespaces, return type, template arguments and parameters left
/// out, the functor of an element-wise kernel kept: "vectorized_elementwise_kernel<CUDAFunctor_add>". Names
/// of cuDNN and cuBLAS, which hold neither, stay whole. Mangled names are demangled first.
std::string short_kernel_name(std::string_view name);

/// Whether a kernel does its arithmetic on tensor cores.
enum class TensorCores : std::uint8_t { yes, no, unknown };
std::string_view to_string(TensorCores value) noexcept;

/// A guess from the name alone: libraries write the instruction or the operand type into it. `unknown` is no
/// small rest to be hidden: tables show its share of the time.
TensorCores tensor_cores_of(std::string_view name);

/// 53 bits, which a double holds exactly, over the set of the names; order and repetition change nothing.
std::uint64_t kernel_set_fingerprint(std::span<const std::string> names);

}  // namespace trainbench::profile
