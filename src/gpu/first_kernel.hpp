#pragma once

#include <cuda_runtime_api.h>

namespace trainbench::gpu {

/// Launches a kernel of ours on `stream` that adds 1 to `*counter` on the device. Returns what the launch
/// answered: cudaErrorNoKernelImageForDevice where this program has no machine code for the device.
cudaError_t launch_first_kernel(int* counter, cudaStream_t stream) noexcept;

}  // namespace trainbench::gpu
