#include "report/charts/sparkline.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace trainbench::report {
namespace {

TEST(SparklineBars, ReachFromTheLeastToTheMost) {
  EXPECT_EQ(bars_of(std::vector{0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0}, 0, 7), "▁▂▃▄▅▆▇█");
  EXPECT_EQ(bars_of(std::vector{-5.0, 99.0}, 0, 7), "▁█");
  EXPECT_EQ(bars_of(std::vector{3.0, 3.0}, 3, 3), "▅▅");
  constexpr double kMax = std::numeric_limits<double>::max();
  EXPECT_EQ(bars_of(std::vector{-kMax, kMax}, -kMax, kMax), "▁█");
}

TEST(Sparkline, HasItsOwnScale) {
  EXPECT_EQ(sparkline(std::vector{10.0, 17.0, 13.0}, 9), "▁█▄");
  EXPECT_EQ(sparkline(std::vector<double>{}, 9), "");
  EXPECT_EQ(sparkline(std::vector{1.0}, 0), "");
}

TEST(Sparkline, ShowsTheMediansOfPartsWhereThereAreMoreValuesThanBars) {
  EXPECT_EQ(sparkline(std::vector{1.0, 1.0, 100.0, 8.0, 8.0, 8.0}, 2), "▁█");
  EXPECT_EQ(sparkline(std::vector{1.0, 2.0, 3.0, 4.0, 5.0}, 5), "▁▃▅▆█");
}

}  // namespace
}  // namespace trainbench::report
