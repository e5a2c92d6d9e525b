#pragma once

#include <functional>
#include <string>
#include <vector>

namespace trainbench {

/// Runs `work` and names, in order ("aten::item in aten::is_nonzero"), the operators it called that a CUDA
/// graph's capture forbids or that the host would wait in: item, nonzero, copies to another device and the
/// like. Tried on the CPU, where they do no harm. What the CPU's _fused_sgd_ calls inside itself (it reads
/// the learning rate) is left out: the GPU's reads it in the kernel.
std::vector<std::string> host_reads_of(const std::function<void()>& work);

}  // namespace trainbench
