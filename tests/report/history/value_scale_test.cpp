#include "report/history/series/value_scale.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace trainbench::report::history {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> labels_in(const ValueRange& range, int most) {
  std::vector<std::string> labels;
  for (const ValueTick& tick : ticks_in(range, most)) labels.push_back(tick.label);
  return labels;
}

TEST(DisplayUnit, OfSecondsIsTheLargestInWhichTheLargestIsOne) {
  EXPECT_EQ(display_unit_of("real_time", 1).unit, "s");
  EXPECT_EQ(display_unit_of("real_time", 0.999).unit, "ms");
  EXPECT_EQ(display_unit_of("cpu_time", 2.5e-6).unit, "µs");
  EXPECT_EQ(display_unit_of("cpu_time", 2.5e-7).unit, "ns");
  EXPECT_EQ(display_unit_of("real_time", 1e-12).unit, "ns");
  EXPECT_DOUBLE_EQ(2.5e-7 * display_unit_of("cpu_time", 2.5e-7).factor, 250);
}

TEST(DisplayUnit, OfARegisteredMetricStaysDownToATenth) {
  EXPECT_EQ(display_unit_of("step_time_ms", 12).unit, "ms");
  EXPECT_EQ(display_unit_of("step_time_ms", 0.1).unit, "ms");
  EXPECT_EQ(display_unit_of("step_time_ms", 0.05).unit, "µs");
  EXPECT_DOUBLE_EQ(0.05 * display_unit_of("step_time_ms", 0.05).factor, 50);
  EXPECT_EQ(display_unit_of("step_time_ms", 0).unit, "ms");
}

TEST(DisplayUnit, OfAnUnknownMetricIsNone) {
  EXPECT_THAT(display_unit_of("my_counter", 1e9).unit, IsEmpty());
  EXPECT_EQ(display_unit_of("my_counter", 1e9).factor, 1);
}

TEST(ValueRange, SharesReachFromZeroToOneAndNoFurther) {
  const ValueRange range{.low = 10, .high = 20};
  EXPECT_DOUBLE_EQ(range.share_of(12.5), 0.25);
  EXPECT_EQ(range.share_of(9), 0);
  EXPECT_EQ(range.share_of(21), 1);
  constexpr double kMax = std::numeric_limits<double>::max();
  EXPECT_DOUBLE_EQ((ValueRange{.low = -kMax, .high = kMax}.share_of(0)), 0.5);
}

TEST(ValueTicks, StandAtOneTwoOrFiveTimesAPowerOfTen) {
  EXPECT_THAT(labels_in({.low = 0, .high = 10}, 5), ElementsAre("0", "2", "4", "6", "8", "10"));
  EXPECT_THAT(labels_in({.low = 9.97, .high = 10.03}, 3), ElementsAre("9.98", "10.00", "10.02"));
  EXPECT_THAT(labels_in({.low = 20400, .high = 28900}, 5),
              ElementsAre("22,000", "24,000", "26,000", "28,000"));
  EXPECT_THAT(labels_in({.low = 20400, .high = 28900}, 4), ElementsAre("25,000"));
  EXPECT_THAT(labels_in({.low = -0.5, .high = 0.5}, 2), ElementsAre("-0.5", "0", "0.5"));
}

TEST(ValueTicks, OfValuesBeyondPlainNumbersHaveAnExponent) {
  EXPECT_THAT(labels_in({.low = 3.05e18, .high = 3.35e18}, 4), ElementsAre("3.1e+18", "3.2e+18", "3.3e+18"));
}

TEST(ValueTicks, AreAtLeastOneWhereNoStepEnds) {
  EXPECT_THAT(labels_in({.low = 1, .high = 1}, 5), ElementsAre("1"));
  constexpr double kMax = std::numeric_limits<double>::max();
  for (const ValueTick& tick : ticks_in({.low = -kMax, .high = kMax}, 6)) {
    EXPECT_GE(tick.value, -kMax);
    EXPECT_LE(tick.value, kMax);
  }
}

TEST(ValueTicks, AreNoMoreThanAskedForAndOneAndStandInTheRange) {
  for (const double low : {-7.3, 0.0, 0.017, 123.4, 99999.0}) {
    for (const double width : {1e-9, 0.003, 1.0, 47.0, 1e7}) {
      for (int most = 2; most <= 8; ++most) {
        const auto ticks = ticks_in({.low = low, .high = low + width}, most);
        ASSERT_LE(ticks.size(), static_cast<std::size_t>(most) + 1) << low << " " << width;
        for (const ValueTick& tick : ticks) {
          EXPECT_GE(tick.value, low - 1e-6 * width);
          EXPECT_LE(tick.value, low + width + 1e-6 * width);
        }
      }
    }
  }
}

}  // namespace
}  // namespace trainbench::report::history
