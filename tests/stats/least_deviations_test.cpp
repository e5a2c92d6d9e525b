#include "src/stats/least_deviations.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace trainbench::stats {
namespace {

using Steps = std::vector<std::size_t>;

std::vector<double> levels(const std::vector<std::pair<std::size_t, double>>& pieces) {
  std::vector<double> values;
  for (const auto& [length, level] : pieces) values.insert(values.end(), length, level);
  return values;
}

TEST(LeastDeviationsSteps, WithoutNoiseAreExact) {
  EXPECT_EQ(least_deviations_steps(levels({{6, 1}, {4, 2}}), 3), (Steps{6}));
  EXPECT_EQ(least_deviations_steps(levels({{20, 5}, {3, 9}, {30, 5}, {10, 4}}), 3), (Steps{20, 23, 53}));
}

TEST(LeastDeviationsSteps, OfALargeStepDoNotHideASmallOne) {
  EXPECT_EQ(least_deviations_steps(levels({{20, 0}, {20, 1}, {20, 1e5}}), 3), (Steps{20, 40}));
}

TEST(LeastDeviationsSteps, AreThoseOfEDivisivesReference) {
  EXPECT_EQ(least_deviations_steps(std::vector<double>{0.3, 2.4, 1.5, -0.9, -0.5, 99.7, 98.3, 99.1, 149,
                                                       149.7, 149.5, 149.1, 148.8, 150},
                                   3),
            (Steps{5, 8}));
}

TEST(LeastDeviationsSteps, DoNotFollowOneOrTwoOutliers) {
  std::vector<double> values = levels({{30, 5}});
  values[11] = 50;
  values[12] = 60;
  EXPECT_TRUE(least_deviations_steps(values, 3).empty());
}

TEST(LeastDeviationsSteps, OfAConstantOrShortSeriesAreNone) {
  EXPECT_TRUE(least_deviations_steps(levels({{50, 0.1}}), 3).empty());
  EXPECT_TRUE(least_deviations_steps(std::vector<double>{1, 1, 1, 2, 2}, 3).empty());
  EXPECT_TRUE(least_deviations_steps({}, 3).empty());
  EXPECT_TRUE(least_deviations_steps_in_windows({}, 3).empty());
}

TEST(LeastDeviationsSteps, OfNoiseAreRare) {
  std::mt19937_64 generator(1);
  std::normal_distribution<double> normal;
  int with_a_step = 0;
  for (int i = 0; i < 200; ++i) {
    std::vector<double> values(50);
    for (double& value : values) value = normal(generator);
    with_a_step += least_deviations_steps(values, 3).empty() ? 0 : 1;
  }
  EXPECT_LE(with_a_step, 20);
}

TEST(LeastDeviationsSteps, InWindowsAreFoundAnywhereInALongSeries) {
  const auto values = levels({{130, 1}, {120, 2}, {149, 1}, {101, 3}, {4, 5}});
  EXPECT_EQ(least_deviations_steps_in_windows(values, 3), (Steps{130, 250, 399, 500}));
}

}  // namespace
}  // namespace trainbench::stats
