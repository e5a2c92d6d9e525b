#include "src/profile/step_counts.hpp"

#include <gtest/gtest.h>

#include "tests/profile/small_profile.hpp"

namespace trainbench::profile {
namespace {

/// Two steps, each: one copy to the device, two kernels, one copy back that the host waits for.
ProfileBuilder two_steps_on_a_gpu() {
  ProfileBuilder build;
  for (const std::int64_t begin : {0, 1000}) {
    build.step(begin, begin + 1000);
    GpuRecord& images = build.kernel("Memcpy HtoD", begin + 10, begin + 20);
    images.kind = GpuKind::copy;
    images.bytes = 1500;
    build.kernel("conv", begin + 30, begin + 40);
    build.kernel("relu", begin + 50, begin + 60);
    GpuRecord& inside = build.kernel("Memcpy DtoD", begin + 70, begin + 80);
    inside.kind = GpuKind::copy;
    inside.bytes = 7000;
    GpuRecord& loss = build.kernel("Memcpy DtoH", begin + 90, begin + 95);
    loss.kind = GpuKind::copy;
    loss.bytes = 4;
    GpuRecord& zero = build.kernel("Memset", begin + 96, begin + 97);
    zero.kind = GpuKind::set;
    zero.bytes = 64;
    build.profile.syncs.push_back({.time = {begin + 90, begin + 99}});
  }
  return build;
}

TEST(StepCounts, CountsKernelsWaitsAndBytesOverTheBusPerStep) {
  ProfileBuilder build = two_steps_on_a_gpu();
  build.kernel("of the next step", 2000, 2010);
  Metrics metrics;
  set_step_counts(build.profile, 2, metrics);
  EXPECT_EQ(metrics.at("kernel_launches_per_step"), 2);
  EXPECT_EQ(metrics.at("bytes_copied_per_step"), 1504);
  EXPECT_EQ(metrics.at("host_syncs_per_step"), 1);
  EXPECT_GT(metrics.at("kernel_set"), 0);
}

TEST(StepCounts, DividesByTheTrainingStepsOfALaunchThatHoldsSeveral) {
  Metrics metrics;
  set_step_counts(two_steps_on_a_gpu().profile, 16, metrics);
  EXPECT_EQ(metrics.at("kernel_launches_per_step"), 0.25);
}

TEST(StepCounts, TheSetOfKernelsKnowsNamesAndNotHowOften) {
  ProfileBuilder often = two_steps_on_a_gpu();
  often.kernel("relu", 500, 510);
  ProfileBuilder other = two_steps_on_a_gpu();
  other.kernel("gelu", 500, 510);
  Metrics plain;
  Metrics repeated;
  Metrics replaced;
  set_step_counts(two_steps_on_a_gpu().profile, 2, plain);
  set_step_counts(often.profile, 2, repeated);
  set_step_counts(other.profile, 2, replaced);
  EXPECT_EQ(plain.at("kernel_set"), repeated.at("kernel_set"));
  EXPECT_NE(plain.at("kernel_set"), replaced.at("kernel_set"));
}

TEST(StepCounts, AreLeftOutWithoutAGpuAndWhereRecordsWereLost) {
  Metrics metrics;
  set_step_counts(small_step(), 1, metrics);
  ProfileBuilder lossy = two_steps_on_a_gpu();
  lossy.profile.losses.dropped = 1;
  set_step_counts(lossy.profile, 2, metrics);
  EXPECT_TRUE(metrics.empty());
}

}  // namespace
}  // namespace trainbench::profile
