#include "src/stats/bimodality.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

namespace trainbench::stats {
namespace {

using Sample = std::vector<double>;

TEST(BestSplit, ExplainsAllVarianceOfTwoPoints) {
  const auto split = best_split(Sample{5, 1, 5, 1, 5, 1, 5});
  EXPECT_NEAR(split->explained, 1, 1e-12);
  EXPECT_EQ(split->lower_mean, 1);
  EXPECT_EQ(split->upper_mean, 5);
  EXPECT_EQ(split->num_lower, 3U);
}

TEST(BestSplit, MeetsTheVarianceBetweenGroupsByHand) {
  // 0 1 2 | 10 11 12: all 154, between 2 x 3 x 5^2 = 150.
  EXPECT_NEAR(best_split(Sample{11, 0, 2, 10, 1, 12})->explained, 150.0 / 154, 1e-12);
}

TEST(BestSplit, DoesNotTakeOneOutlierForAGroup) {
  EXPECT_LT(best_split(Sample{1, 1.1, 0.9, 1.05, 0.95, 1, 1.02, 0.98, 1.01, 9})->explained, 0.5);
}

TEST(BestSplit, OfTooFewEqualOrNonFiniteValuesIsNothing) {
  EXPECT_FALSE(best_split(Sample{1, 2, 3, 4, 5}));
  EXPECT_FALSE(best_split(Sample(8, 3.0)));
  // The mean of twenty of these is another number: a thousand rows of one counter were once called bimodal.
  EXPECT_FALSE(best_split(Sample(20, 9876543.2101234567)));
  EXPECT_FALSE(best_split(Sample{1, 2, 3, 4, 5, std::numeric_limits<double>::quiet_NaN()}));
}

template <typename Draw>
double share_called_bimodal(std::size_t n, Draw draw) {
  constexpr int kRounds = 2000;
  int called = 0;
  for (int round = 0; round < kRounds; ++round) {
    Sample sample(n);
    for (double& value : sample) value = draw();
    if (looks_bimodal(sample)) ++called;
  }
  return static_cast<double>(called) / kRounds;
}

TEST(LooksBimodal, CallsTwoModesAndSparesNormalSamplesAndOutliers) {
  std::mt19937 generator(31);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  const auto with_second_mode = [&](double share, double distance) {
    return normal(generator) + (uniform(generator) < share ? distance : 0);
  };
  for (const std::size_t n : {10U, 15U, 20U}) {
    EXPECT_LT(share_called_bimodal(n, [&] { return normal(generator); }), 0.012) << n;
    EXPECT_LT(share_called_bimodal(n, [&] { return with_second_mode(0.05, 7); }), 0.017) << n;
    EXPECT_GT(share_called_bimodal(n, [&] { return with_second_mode(0.5, 8); }), 0.65) << n;
  }
}

TEST(LooksBimodal, NeedsTenValues) {
  EXPECT_FALSE(looks_bimodal(Sample{1, 5, 1, 5, 1, 5, 1, 5, 1}));
  EXPECT_TRUE(looks_bimodal(Sample{1, 5, 1, 5, 1, 5, 1, 5, 1, 5}));
}

}  // namespace
}  // namespace trainbench::stats
