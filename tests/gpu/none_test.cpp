#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/errors.hpp"
#include "src/gpu/device.hpp"
#include "src/gpu/graph.hpp"

namespace trainbench::gpu {
namespace {

TEST(WithoutCuda, EveryCallSaysThatTheProgramHasNoGpuCode) {
  const std::function<void()> calls[] = {
      [] { open_device(0); },      [] { synchronize(); },
      [] { device_facts(); },      [] { device_memory(); },
      [] { reset_peak_memory(); }, [] { used_device_bytes(); },
      [] { StepClock clock(3); },  [] { CapturedWork work([] {}); },
  };
  for (const auto& call : calls) {
    try {
      call();
      FAIL() << "there is no GPU code to run";
    } catch (const EnvironmentError& error) {
      EXPECT_EQ(error.code(), ExitCode::setup_impossible);
      EXPECT_THAT(error.what(), testing::HasSubstr("was built without CUDA: build it where nvcc is"));
    }
  }
}

}  // namespace
}  // namespace trainbench::gpu
