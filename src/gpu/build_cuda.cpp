#include "src/gpu/build.hpp"
#include "src/gpu/device.hpp"

namespace trainbench::gpu {

bool built_with_cuda() noexcept {
  return true;
}

const GpuBuild& gpu_build() {
  static const GpuBuild build{.cuda = true,
                              .cuda_version = TRAINBENCH_CUDA_VERSION,
                              .architectures = {TRAINBENCH_CUDA_ARCHITECTURE_LIST}};
  return build;
}

}  // namespace trainbench::gpu
