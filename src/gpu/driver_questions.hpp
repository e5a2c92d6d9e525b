#pragma once

#include <optional>
#include <string>

#include "src/gpu/build.hpp"
#include "src/gpu/driver.hpp"
#include "src/gpu/driver_calls.hpp"

namespace trainbench::gpu {

// driver.hpp's functions with what they ask named: for tests, and for others that ask the driver.

/// `cuda` and `nvml` are nullptr where the library is not there, `visible_devices` where the variable
/// CUDA_VISIBLE_DEVICES is not set. NVML is shut down again; libcuda stays initialised, without a context.
DriverState driver_state(const CudaCalls* cuda, const NvmlCalls* nvml, const char* visible_devices);

std::optional<std::string> reason_without_gpu(const DriverState& state, int index, const GpuBuild& build);

/// NVML's handle of the device whose UUID libcuda gave, a GPU's or a MIG instance's.
std::optional<NvmlCalls::Device> nvml_device(const NvmlCalls& nvml, const std::string& uuid);

}  // namespace trainbench::gpu
