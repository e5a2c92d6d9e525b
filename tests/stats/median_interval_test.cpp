#include "src/stats/median_interval.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

namespace trainbench::stats {
namespace {

using Sample = std::vector<double>;

Sample ranks(std::size_t n) {
  Sample sample;
  for (std::size_t i = n; i > 0; --i) sample.push_back(static_cast<double>(i));
  return sample;
}

TEST(MedianInterval, LiesBetweenTheRanksOfTheTable) {
  const auto six = median_interval(ranks(6), 0.95);
  EXPECT_EQ(six->interval->lower, 1);
  EXPECT_EQ(six->interval->upper, 6);
  EXPECT_NEAR(six->interval->achieved_confidence, 0.96875, 1e-12);
  const auto ten = median_interval(ranks(10), 0.95);
  EXPECT_EQ(ten->interval->lower, 2);
  EXPECT_EQ(ten->interval->upper, 9);
  EXPECT_NEAR(ten->interval->achieved_confidence, 0.9785156, 5e-8);
  const auto twenty = median_interval(ranks(20), 0.95);
  EXPECT_EQ(twenty->interval->lower, 6);
  EXPECT_EQ(twenty->interval->upper, 15);
  EXPECT_NEAR(twenty->interval->achieved_confidence, 0.9586105, 5e-8);
}

TEST(MedianInterval, OfFiveReachesNoMoreThan93Percent) {
  EXPECT_FALSE(median_interval(ranks(5), 0.95)->interval);
  EXPECT_NEAR(median_interval(ranks(5), 0.93)->interval->achieved_confidence, 0.9375, 1e-12);
}

TEST(MedianInterval, MeetsBenchstat) {
  const Sample sample = {-10, 2, 3, 4, 5, 6};
  const auto at_95 = median_interval(sample, 0.95);
  EXPECT_EQ(at_95->median, 3.5);
  EXPECT_EQ(at_95->interval->lower, -10);
  EXPECT_EQ(at_95->interval->upper, 6);
  EXPECT_EQ(at_95->interval->achieved_confidence, 0.96875);
  EXPECT_FALSE(median_interval(sample, 0.99)->interval);
  EXPECT_EQ(needed_for_median_interval(0.99), 8U);
  EXPECT_EQ(needed_for_median_interval(0.95), 6U);
}

TEST(MedianInterval, CoversTheMedianAsOftenAsItSays) {
  std::mt19937 generator(23);
  std::lognormal_distribution<double> skewed(0, 1);  // its median is 1
  int covered = 0;
  constexpr int kRounds = 4000;
  double achieved = 0;
  for (int round = 0; round < kRounds; ++round) {
    Sample sample(12);
    for (double& value : sample) value = skewed(generator);
    const auto estimate = median_interval(sample, 0.95);
    achieved = estimate->interval->achieved_confidence;
    if (estimate->interval->lower <= 1 && 1 <= estimate->interval->upper) ++covered;
  }
  EXPECT_NEAR(static_cast<double>(covered) / kRounds, achieved, 0.01);
}

TEST(MedianInterval, OfNothingOrNonFiniteValuesIsNothing) {
  EXPECT_FALSE(median_interval({}, 0.95));
  EXPECT_FALSE(median_interval(Sample{1, std::numeric_limits<double>::quiet_NaN()}, 0.95));
}

}  // namespace
}  // namespace trainbench::stats
