#include "src/gpu/build.hpp"
#include "src/gpu/device.hpp"

namespace trainbench::gpu {

bool built_with_cuda() noexcept {
  return false;
}

const GpuBuild& gpu_build() {
  static const GpuBuild build;
  return build;
}

}  // namespace trainbench::gpu
