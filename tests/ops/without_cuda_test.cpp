#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "src/base/errors.hpp"
#include "src/gpu/copy_stream.hpp"
#include "src/ops/gather_batch_cuda.hpp"

namespace trainbench {
namespace {

TEST(WithoutCuda, GatheringAndCopyingSayThatTheProgramHasNoGpuCode) {
  at::Tensor images;
  at::Tensor labels;
  const std::function<void()> calls[] = {[&] { gather_batch_on_gpu({}, {}, images, labels); },
                                         [] { const gpu::CopyStream stream(at::kCUDA); }};
  for (const auto& call : calls) {
    try {
      call();
      FAIL() << "there is no GPU code to run";
    } catch (const EnvironmentError& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("was built without CUDA: build it where nvcc is"));
    }
  }
}

}  // namespace
}  // namespace trainbench
