#include "src/stats/mean_interval.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace trainbench::stats {
namespace {

TEST(MeanInterval, MeetsTheQuantilesOfStudentsT) {
  // t(0.95, 2) = 2.919986 and t(0.975, 2) = 4.302653 of the tables; the deviation is 1.
  const std::vector<double> sample = {42, 43, 44};
  const auto ninety = mean_interval(sample, 0.90);
  EXPECT_NEAR(ninety->lower, 43 - 2.919986 / std::sqrt(3), 1e-5);
  EXPECT_NEAR(ninety->upper, 43 + 2.919986 / std::sqrt(3), 1e-5);
  EXPECT_NEAR(mean_interval(sample, 0.95)->upper, 43 + 4.302653 / std::sqrt(3), 1e-5);
}

TEST(MeanInterval, OfEqualValuesIsAPoint) {
  const auto interval = mean_interval(std::vector<double>{5, 5, 5}, 0.90);
  EXPECT_EQ(interval->lower, 5);
  EXPECT_EQ(interval->upper, 5);
}

TEST(MeanInterval, OfTooFewOrNonFiniteValuesIsNothing) {
  EXPECT_FALSE(mean_interval({}, 0.90));
  EXPECT_FALSE(mean_interval(std::vector<double>{1}, 0.90));
  EXPECT_FALSE(mean_interval(std::vector<double>{1, std::numeric_limits<double>::infinity()}, 0.90));
}

}  // namespace
}  // namespace trainbench::stats
