#include "src/stats/power.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "src/stats/t_tests.hpp"

namespace trainbench::stats {
namespace {

TEST(Power, MeetsRsPowerTTest) {
  EXPECT_NEAR(power_of_t_test(10, 1), 0.5619846, 5e-8);
  // R prints 16.71477: its root finder stops within 1.2e-4.
  EXPECT_NEAR(*needed_sample_size(1), 16.71477, 2e-5);
  EXPECT_NEAR(power_of_t_test(16.71477, 1), 0.8, 1e-6);
}

TEST(SmallestDetectableEffect, MeetsTheTable) {
  struct Row {
    std::size_t n;
    double two_sided;
    double one_sided;
  };
  for (const Row& row : {Row{5, 2.02, 1.72}, Row{7, 1.63, 1.41}, Row{10, 1.32, 1.16}, Row{15, 1.06, 0.93},
                         Row{20, 0.91, 0.80}}) {
    EXPECT_NEAR(*smallest_detectable_effect(row.n), row.two_sided, 0.005) << row.n;
    EXPECT_NEAR(*smallest_detectable_effect(row.n, {.sides = Sides::one}), row.one_sided, 0.005) << row.n;
  }
}

TEST(SmallestDetectableEffect, IsTheInverseOfThePower) {
  for (const Design design : {Design::two_samples, Design::paired}) {
    for (const std::size_t n : {2U, 3U, 10U, 50U}) {
      const PowerOptions options{.design = design, .alpha = 0.05 / 3, .power = 0.9};
      const double effect = *smallest_detectable_effect(n, options);
      EXPECT_NEAR(power_of_t_test(static_cast<double>(n), effect, options), 0.9, 1e-6) << n;
    }
  }
}

TEST(Power, OfPairsIsTheShareOfSimulatedTestsThatFindTheEffect) {
  std::mt19937 generator(17);
  std::normal_distribution<double> normal(0.8, 1);
  int found = 0;
  constexpr int kRounds = 4000;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<double> d(10);
    for (double& one : d) one = normal(generator);
    const auto test = paired_t_test(*moments(d), 0.95);
    if (test->p_two_sided < 0.05 && test->t > 0) ++found;
  }
  EXPECT_NEAR(power_of_t_test(10, 0.8, {.design = Design::paired}), static_cast<double>(found) / kRounds,
              0.025);
}

TEST(Power, OfOneValueIsNone) {
  EXPECT_EQ(power_of_t_test(1, 5), 0);
  EXPECT_FALSE(smallest_detectable_effect(1));
}

TEST(NeededSampleSize, BeyondAMillionIsNotGiven) {
  EXPECT_FALSE(needed_sample_size(1e-6));
  EXPECT_NEAR(*needed_sample_size(50), 2, 0.5);
}

}  // namespace
}  // namespace trainbench::stats
