#include "src/gpu/build.hpp"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <gtest/gtest.h>

#include "src/base/errors.hpp"
#include "src/gpu/device.hpp"
#include "src/gpu/driver.hpp"

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

// The one real error code that a machine without a GPU can give: the runtime's "insufficient driver".
TEST(CudaBuild, OpeningADeviceWithoutADriverIsOneSentence) {
  if (driver_state().driver_version) GTEST_SKIP() << "there is a driver";
  try {
    open_device(0);
    FAIL() << "there is no driver";
  } catch (const EnvironmentError& error) {
    EXPECT_STREQ(error.what(), "There is no CUDA device (driver: none).");
  }
}

}  // namespace
}  // namespace trainbench::gpu
