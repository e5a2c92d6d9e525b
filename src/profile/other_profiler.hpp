#pragma once

namespace trainbench::profile {

/// Whether PyTorch's profiler records on this thread, or on all. It and a GpuRecorder shut each other out of
/// CUPTI, and the second of them records nothing without a word.
bool pytorch_profiler_is_on();

}  // namespace trainbench::profile
