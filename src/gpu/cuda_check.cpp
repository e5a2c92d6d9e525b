#include "src/gpu/cuda_check.hpp"

#include "src/base/errors.hpp"
#include "src/gpu/build.hpp"
#include "src/gpu/cuda_errors.hpp"

namespace trainbench::gpu {
namespace {

CudaErrorContext context_of(cudaError_t code, int index) {
  CudaErrorContext context{.index = index,
                           .program_cuda_version = gpu_build().cuda_version,
                           .description = cudaGetErrorString(code)};
  // Each may fail as well, and then leaves "unknown"; none makes a context on a device.
  if (cudaDriverGetVersion(&context.driver_cuda_version) != cudaSuccess) context.driver_cuda_version = 0;
  if (cudaGetDeviceCount(&context.device_count) != cudaSuccess) context.device_count = 0;
  cudaDeviceProp properties{};
  if (index >= 0 && index < context.device_count &&
      cudaGetDeviceProperties(&properties, index) == cudaSuccess) {
    context.device_name = properties.name;
  }
  // What failed is told in a sentence, and would otherwise be found by the next check of a launch.
  static_cast<void>(cudaGetLastError());
  return context;
}

}  // namespace

void check_cuda(cudaError_t code, int index) {
  if (code == cudaSuccess) return;
  throw EnvironmentError(cuda_error_sentence(code, context_of(code, index)));
}

std::string first_line(const c10::Error& error) {
  const std::string words = error.what_without_backtrace();
  return words.substr(0, words.find('\n'));
}

}  // namespace trainbench::gpu
