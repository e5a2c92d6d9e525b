#include "src/gpu/device.hpp"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/ones.h>
#include <gmock/gmock.h>

#include "src/base/errors.hpp"
#include "tests/gpu/gpu_test.hpp"

namespace trainbench::gpu {
namespace {

constexpr std::int64_t kMiB = 1 << 20;

class DeviceTest : public GpuTest {};

TEST_F(DeviceTest, RefusesAnIndexThatIsNotThereAndNamesHowManyAre) {
  try {
    open_device(1000);
    FAIL() << "no machine has 1001 GPUs";
  } catch (const EnvironmentError& error) {
    EXPECT_THAT(error.what(), testing::MatchesRegex("There is no CUDA device 1000: .* visible, .*"));
  }
}

TEST_F(DeviceTest, FactsNameTheDeviceAndWhatRunsOnIt) {
  const Facts facts = device_facts();
  EXPECT_NE(facts.at("gpu"), "");
  EXPECT_THAT(facts.at("gpu_compute_capability"), testing::MatchesRegex("[0-9]+\\.[0-9]"));
  EXPECT_THAT(facts.at("cuda_runtime"), testing::MatchesRegex("[0-9]+\\.[0-9]+"));
  EXPECT_THAT(facts.at("cudnn"), testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_GT(std::stod(facts.at("gpu_memory_gib")), 1);
}

TEST_F(DeviceTest, PeaksAreThoseSinceTheirReset) {
  const DeviceMemory before = device_memory();
  { const at::Tensor large = at::empty({64 * kMiB}, at::device(at::kCUDA).dtype(at::kByte)); }
  EXPECT_GE(device_memory().peak_allocated_bytes, 64 * kMiB);
  EXPECT_GE(device_memory().peak_reserved_bytes, before.peak_reserved_bytes);
  reset_peak_memory();
  EXPECT_LT(device_memory().peak_allocated_bytes, 64 * kMiB);
}

TEST_F(DeviceTest, UsedBytesGrowByWhatTheAllocatorTakes) {
  const std::int64_t before = used_device_bytes();
  EXPECT_GT(before, 0);
  const at::Tensor large = at::empty({256 * kMiB}, at::device(at::kCUDA).dtype(at::kByte));
  EXPECT_GE(used_device_bytes(), before + 128 * kMiB);
}

TEST_F(DeviceTest, TheClockTellsLongWorkFromShortAndForgetsItsMarks) {
  at::Tensor square = at::ones({4096, 4096}, at::kCUDA);
  square.mm(square);
  synchronize();
  StepClock clock(3);
  clock.mark();
  square.add_(1);
  clock.mark();
  for (int i = 0; i < 20; ++i) square.mm(square);
  clock.mark();
  const std::vector<double> seconds = clock.take_intervals();
  ASSERT_EQ(seconds.size(), 2U);
  EXPECT_GT(seconds[0], 0);
  EXPECT_GT(seconds[1], 5 * seconds[0]);
  EXPECT_LT(seconds[1], 60);
  EXPECT_TRUE(clock.take_intervals().empty());
}

TEST_F(DeviceTest, TheClockTakesMoreMarksThanWereExpected) {
  StepClock clock(1);
  for (int i = 0; i < 5; ++i) clock.mark();
  EXPECT_EQ(clock.take_intervals().size(), 4U);
}

}  // namespace
}  // namespace trainbench::gpu
