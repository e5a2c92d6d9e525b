#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "src/base/errors.hpp"
#include "src/profile/gpu_recorder.hpp"

namespace trainbench::profile {
namespace {

TEST(WithoutCupti, TheReasonSaysSoAndARecorderCannotBeMade) {
  EXPECT_THAT(reason_without_gpu_recorder(), testing::StartsWith("this program was built without CUPTI"));
  try {
    GpuRecorder recorder;
    FAIL() << "there is nothing to record with";
  } catch (const EnvironmentError& error) {
    EXPECT_EQ(error.what(), reason_without_gpu_recorder());
  }
}

}  // namespace
}  // namespace trainbench::profile
