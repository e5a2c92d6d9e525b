#include "src/profile/launch_anatomy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/profile/small_profile.hpp"

namespace trainbench::profile {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(LaunchRows, TakeCallQueueAndKernelApart) {
  ProfileBuilder build;
  build.step(0, 1000);
  const Index op = build.op("aten::mm", 0, 500);
  build.kernel("void ns::foo<1>(int)", 150, 250, build.launch(100, 130, op));
  build.kernel("void ns::foo<2>(int)", 205, 215, build.launch(200, 210, op));
  build.kernel("foo", 300, 310);
  build.kernel("foo", 1000, 1010, build.launch(800, 810, op));
  const std::vector<LaunchRow> rows = launch_rows(build.profile, attribute(build.profile));
  ASSERT_EQ(rows.size(), 1U) << "nothing of a kernel without a call, nor of one behind the window";
  EXPECT_EQ(rows[0].kernel, "foo");
  EXPECT_EQ(rows[0].operator_name, "aten::mm");
  EXPECT_EQ(rows[0].calls, 2);
  EXPECT_EQ(rows[0].api_ns, 30 + 10);
  EXPECT_EQ(rows[0].queue_ns, 20 + 0) << "the second began before its call ended";
  EXPECT_EQ(rows[0].kernel_ns, 100 + 10);
}

TEST(LaunchRows, CountAGraphsLaunchOnceWithItsFirstKernel) {
  ProfileBuilder build;
  build.step(0, 1000);
  const Index launch = build.launch(100, 130);
  build.kernel("second", 220, 230, launch);
  build.kernel("first", 200, 210, launch);
  const std::vector<LaunchRow> rows = launch_rows(build.profile, attribute(build.profile));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].kernel, "first");
  EXPECT_EQ(rows[0].queue_ns, 70);
}

TEST(QueueDepths, AreThoseOfCallsThatEndedAndWorkThatHasNotBegun) {
  ProfileBuilder build;
  build.step(0, 100);
  build.kernel("a", 40, 50, build.launch(5, 10));
  build.kernel("b", 60, 70, build.launch(15, 20));
  build.kernel("c", 75, 80, build.launch(70, 78));
  build.kernel("d", 20, 30, build.launch(0, 5)).device = 1;
  const auto depths = queue_depths(build.profile, 0);
  EXPECT_THAT(depths, ElementsAre(Pair(0, 10 + 40), Pair(1, 10 + 20), Pair(2, 20)));
  EXPECT_EQ(median_depth(depths), 0);
  EXPECT_EQ(median_depth({{0, 10}, {3, 11}, {4, 5}}), 3);
  EXPECT_EQ(median_depth({}), std::nullopt);
}

TEST(QueueDepths, SumToTheWindowAndAgreeWithEveryNanosecond) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Numbers numbers(seed);
    ProfileBuilder build;
    build.step(numbers.below(30), 100 + numbers.below(100));
    for (int i = 0; i < 20; ++i) {
      const std::int64_t begin = numbers.below(220);
      const std::int64_t called = numbers.below(220);
      build.kernel("k", begin, begin + 3, build.launch(called, called + numbers.below(9)));
    }
    std::map<std::int64_t, std::int64_t> expected;
    const Span window = window_of(build.profile);
    for (std::int64_t t = window.begin_ns; t < window.end_ns; ++t) {
      std::int64_t depth = 0;
      for (std::size_t i = 0; i < build.profile.gpu.size(); ++i)
        depth += build.profile.launches[i].time.end_ns <= t && t < build.profile.gpu[i].time.begin_ns ? 1 : 0;
      ++expected[depth];
    }
    ASSERT_EQ(queue_depths(build.profile, 0), expected) << seed;
  }
}

}  // namespace
}  // namespace trainbench::profile
