#pragma once

#include <cstdint>

namespace trainbench::gpu {

/// Most bytes that tensors held while a graph was captured that is still there. A replay allocates nothing,
/// and what was freed in a capture no longer counts as allocated: the window's own peak would leave out the
/// activations.
void set_captured_peak(std::int64_t bytes) noexcept;

}  // namespace trainbench::gpu
