#include "src/profile/device_time.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/profile/small_profile.hpp"

namespace trainbench::profile {
namespace {

TEST(DeviceTime, SplitsIdleTimeByTheNextLaunch) {
  ProfileBuilder build;
  build.step(0, 100000);
  // Launched while the device is idle since 0: host-bound to the launch's end, then latency.
  build.kernel("a", 1500, 2000, build.launch(400, 1000));
  // Launched before the gap began: back to back.
  build.kernel("b", 3000, 4000, build.launch(1100, 1200));
  // Launched before, and the gap is long: waits for something.
  build.kernel("c", 20000, 21000, build.launch(1300, 1400));
  // Launched by nobody known.
  build.kernel("d", 21500, 22000);
  const DeviceTime time = device_time(build.profile, 0);
  EXPECT_EQ(time.busy_ns, 500 + 1000 + 1000 + 500);
  EXPECT_EQ(time.host_bound_ns, 1000);
  EXPECT_EQ(time.launch_latency_ns, 500);
  EXPECT_EQ(time.back_to_back_ns, 1000);
  EXPECT_EQ(time.dependency_ns, 16000);
  EXPECT_EQ(time.unknown_ns, 500);
  EXPECT_EQ(time.drained_ns, 78000);
}

TEST(DeviceTime, TakesWhatRecordingCostOutOfTheGapFirst) {
  ProfileBuilder build;
  build.step(0, 3000);
  build.kernel("a", 2000, 3000, build.launch(100, 1000));
  build.profile.overheads.push_back({.time = {500, 1200}});
  const DeviceTime time = device_time(build.profile, 0);
  EXPECT_EQ(time.recording_ns, 700);
  EXPECT_EQ(time.host_bound_ns, 500);
  EXPECT_EQ(time.launch_latency_ns, 800);
}

TEST(DeviceTime, ExposesCopiesWhileNoKernelRuns) {
  ProfileBuilder build;
  build.step(0, 1000);
  build.kernel("a", 0, 400);
  GpuRecord& copy = build.kernel("Memcpy HtoD", 300, 700);
  copy.kind = GpuKind::copy;
  copy.stream = 1;
  const DeviceTime time = device_time(build.profile, 0);
  EXPECT_EQ(time.busy_ns, 700);
  EXPECT_EQ(time.concurrent_ns, 100);
  EXPECT_EQ(time.copy_ns, 400);
  EXPECT_EQ(time.exposed_copy_ns, 300);
}

TEST(DeviceTime, BusyAndIdleByCauseSumToTheWindow) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Numbers numbers(seed);
    ProfileBuilder build;
    build.step(numbers.below(1000), 20000 + numbers.below(10000));
    for (int i = 0; i < 30; ++i) {
      const std::int64_t begin = numbers.below(28000);
      const std::int64_t launched = numbers.below(28000);
      const Index launch =
          numbers.below(4) == 0 ? kNone : build.launch(launched, launched + numbers.below(900));
      GpuRecord& record = build.kernel("k", begin, begin + numbers.below(1500), launch);
      record.stream = static_cast<Index>(numbers.below(3));
      if (numbers.below(3) == 0) record.kind = GpuKind::copy;
      const std::int64_t overhead = numbers.below(28000);
      if (i % 4 == 0) build.profile.overheads.push_back({.time = {overhead, overhead + numbers.below(700)}});
    }
    const DeviceTime time = device_time(build.profile, 0);
    ASSERT_EQ(time.busy_ns + time.idle_ns(), window_of(build.profile).length()) << seed;
  }
}

TEST(KernelRows, ConserveTheTimeOfTheRecords) {
  ProfileBuilder build;
  build.step(0, 1000);
  const Index op = build.op("aten::mm", 0, 50);
  build.kernel("void at::native::foo<1>(int)", 100, 150, build.launch(10, 20, op));
  build.kernel("void at::native::foo<2>(int)", 200, 220, build.launch(30, 40, op));
  build.kernel("bar", 300, 310);
  const std::vector<KernelRow> rows = kernel_rows(build.profile, attribute(build.profile));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].kernel, "foo");
  EXPECT_EQ(rows[0].operator_name, "aten::mm");
  EXPECT_EQ(rows[0].launches, 2);
  EXPECT_EQ(rows[0].time_ns, 70);
  EXPECT_EQ(rows[0].shortest_ns, 20);
  EXPECT_EQ(rows[0].longest_ns, 50);
  EXPECT_EQ(rows[1].operator_name, "(no operator)");
  EXPECT_EQ(rows[1].time_ns, 10);
}

TEST(KernelRows, NameTheLayersOfTheirOperators) {
  ProfileBuilder build;
  build.step(0, 1000);
  for (const std::int64_t begin : {100, 200, 300}) {
    const Index op = build.op("aten::mm", begin, begin + 50);
    if (begin < 300) build.at(op).layer = build.profile.names.id("layer" + std::to_string(begin));
    build.kernel("k", begin + 60, begin + 70, build.launch(begin, begin + 10, op));
  }
  const std::vector<KernelRow> rows = kernel_rows(build.profile, attribute(build.profile));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_THAT(rows[0].layers, testing::ElementsAre("layer100", "layer200"));
}

TEST(CopyRows, KeepPageableMemoryApart) {
  ProfileBuilder build;
  build.step(0, 1000);
  for (const bool pageable : {true, false, true}) {
    GpuRecord& record = build.kernel("Memcpy HtoD", 10, 20);
    record.kind = GpuKind::copy;
    record.bytes = 100;
    record.pageable = pageable;
  }
  const std::vector<CopyRow> rows = copy_rows(build.profile);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_TRUE(rows[0].pageable);
  EXPECT_EQ(rows[0].bytes, 200);
  EXPECT_EQ(rows[1].bytes, 100);
}

}  // namespace
}  // namespace trainbench::profile
