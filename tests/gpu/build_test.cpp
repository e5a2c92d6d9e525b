#include "src/gpu/build.hpp"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <gtest/gtest.h>

#include "src/gpu/device.hpp"

namespace trainbench::gpu {
namespace {

// libtorch_cuda registers them when it is loaded. The linker of a program that names no symbol of that
// library leaves it out where it is told --as-needed, and the program then has no GPU.
TEST(CudaBuild, LibTorchsCudaBackendIsLoaded) {
  EXPECT_TRUE(at::CUDAHooksRegistry()->Has("CUDAHooks"));
  EXPECT_TRUE(at::globalContext().hasCuDNN());
}

TEST(CudaBuild, KnowsWhatItWasBuiltFor) {
  EXPECT_TRUE(built_with_cuda());
  EXPECT_GE(gpu_build().cuda_version, 12000);
  ASSERT_FALSE(gpu_build().architectures.empty());
  for (const int architecture : gpu_build().architectures) {
    EXPECT_TRUE(has_kernel_image(gpu_build(), architecture));
  }
}

}  // namespace
}  // namespace trainbench::gpu
