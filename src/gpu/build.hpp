#pragma once

#include <vector>

namespace trainbench::gpu {

/// What this program was built for. Of build_cuda.cpp and build_none.cpp CMake compiles one.
struct GpuBuild {
  bool cuda = false;               // holds GPU code at all
  int cuda_version = 0;            // 13000 for CUDA 13.0
  std::vector<int> architectures;  // compute capabilities with machine code, ascending; PTX of the last
};

const GpuBuild& gpu_build();

/// True where the program's kernels run on a device of this compute capability: there is machine code of the
/// same major number and a minor one that is not above it, or the last PTX is not above it.
bool has_kernel_image(const GpuBuild& build, int capability);

}  // namespace trainbench::gpu
