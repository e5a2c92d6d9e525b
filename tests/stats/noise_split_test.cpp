#include "src/stats/noise_split.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <stdexcept>

namespace trainbench::stats {
namespace {

TEST(VarianceComponents, MeetKaliberaAndJonesOnThreeLevels) {
  const std::vector<double> values = {9, 5, 8, 3, 10, 6, 7, 11, 1, 12, 2, 4};
  const std::vector<std::size_t> sizes = {3, 2, 2};
  const VarianceComponents noise = variance_components(values, sizes);
  const std::vector<double> s = {16.5, 2.6, 3.6};
  const std::vector<double> t = {16.5, -5.7, 2.3};
  for (std::size_t level = 0; level < 3; ++level) {
    EXPECT_NEAR(noise.s_squared[level], s[level], 0.05) << level;
    EXPECT_NEAR(noise.t_squared[level], t[level], 0.05) << level;
  }
}

TEST(VarianceComponents, OfSizesThatDoNotMatchAreOurFault) {
  const std::vector<double> values = {1, 2, 3};
  EXPECT_THROW(variance_components(values, std::vector<std::size_t>{2, 2}), std::logic_error);
  EXPECT_THROW(variance_components(values, std::vector<std::size_t>{3, 1}), std::logic_error);
  EXPECT_THROW(variance_components(values, std::vector<std::size_t>{}), std::logic_error);
}

std::vector<std::vector<double>> simulated(std::size_t processes, double between, double within) {
  std::mt19937 generator(29);
  std::normal_distribution<double> normal;
  std::vector<std::vector<double>> result;
  for (std::size_t i = 0; i < processes; ++i) {
    const double level = between * normal(generator);
    std::vector<double>& process = result.emplace_back();
    // Unequal numbers of repetitions: 3 or 5.
    for (std::size_t k = 0; k < 3 + 2 * (i % 2); ++k)
      process.push_back(100 * std::exp(level + within * normal(generator)));
  }
  return result;
}

TEST(SplitNoise, FindsWhatWentIntoTheProcesses) {
  const auto noise = split_noise(simulated(4000, 0.02, 0.01));
  EXPECT_NEAR(noise->within, 0.01, 0.0005);
  EXPECT_NEAR(noise->between, 0.02, 0.001);
  EXPECT_FALSE(noise->clipped);
}

TEST(SplitNoise, SaysWhereProcessesDifferLessThanTheirRepetitionsExplain) {
  const std::vector<std::vector<double>> processes = {{90, 110}, {91, 109}, {90.5, 109.5}};
  const auto noise = split_noise(processes);
  EXPECT_TRUE(noise->clipped);
  EXPECT_EQ(noise->between, 0);
  EXPECT_GT(noise->within, 0.1);
}

TEST(SplitNoise, OfSingleRepetitionsOrValuesWithoutALogarithmIsNothing) {
  EXPECT_FALSE(split_noise(std::vector<std::vector<double>>{{1}, {2}, {3}}));
  EXPECT_FALSE(split_noise(std::vector<std::vector<double>>{{1, 2}, {2}}));
  EXPECT_FALSE(split_noise(std::vector<std::vector<double>>{{1, 2}, {2, 3}, {0, 1}}));
  EXPECT_FALSE(split_noise({}));
}

TEST(BestRepetitions, GrowWithTheCostOfAProcessAndTheNoiseWithin) {
  EXPECT_NEAR(best_repetitions({.within = 0.02, .between = 0.01}, 9, 1), 6, 1e-12);
  EXPECT_EQ(best_repetitions({.within = 0.001, .between = 0.01}, 1, 1), 1);
  EXPECT_EQ(best_repetitions({.within = 0.02, .between = 0}, 9, 1), 0);
}

}  // namespace
}  // namespace trainbench::stats
