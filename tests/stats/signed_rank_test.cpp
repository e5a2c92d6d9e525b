#include "src/stats/signed_rank.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "tests/stats/reference_samples.hpp"

namespace trainbench::stats {
namespace {

const Sample kRPairsX = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
const Sample kRPairsY = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};

Sample log_ratios(const Sample& baseline, const Sample& contender) {
  Sample result;
  for (std::size_t i = 0; i < baseline.size(); ++i)
    result.push_back(std::log(contender[i]) - std::log(baseline[i]));
  return result;
}

Sample minus(const Sample& x, const Sample& y) {
  Sample result;
  for (std::size_t i = 0; i < x.size(); ++i) result.push_back(x[i] - y[i]);
  return result;
}

TEST(SignedRank, MeetsROnPairedLogarithms) {
  const auto test = signed_rank(log_ratios(kA, kB));
  EXPECT_EQ(test->v, 55);
  EXPECT_EQ(test->num_pairs, 10U);
  EXPECT_NEAR(test->p_two_sided, 0.001953125, 1e-15);
  EXPECT_TRUE(test->exact);
}

TEST(SignedRank, MeetsTheExampleOfR) {
  const auto test = signed_rank(minus(kRPairsX, kRPairsY));
  EXPECT_EQ(test->v, 40);
  EXPECT_NEAR(test->p_greater, 0.01953125, 1e-15);
  EXPECT_NEAR(test->p_two_sided, 0.0390625, 1e-15);
}

TEST(SignedRank, SaysNothingWhereNoPairDiffers) {
  const auto test = signed_rank(Sample(6, 0.0));
  EXPECT_EQ(test->num_pairs, 0U);
  EXPECT_EQ(test->p_two_sided, 1);
}

TEST(SignedRank, LeavesOutPairsThatDoNotDiffer) {
  EXPECT_EQ(signed_rank(Sample{0, 1, 2, 0, 3, -4})->p_two_sided,
            signed_rank(Sample{1, 2, 3, -4})->p_two_sided);
  EXPECT_EQ(signed_rank(Sample{0, 1, 2, 0, 3, -4})->num_pairs, 4U);
}

TEST(SignedRank, OfNothingOrNonFiniteValuesIsNothing) {
  EXPECT_FALSE(signed_rank({}));
  EXPECT_FALSE(signed_rank(Sample{1, std::numeric_limits<double>::quiet_NaN()}));
}

TEST(SignedRank, SwapsItsTailsWithTheSigns) {
  const Sample d = {0.3, -0.1, 0.7, 0.7, -0.2, 1.1};
  Sample opposite;
  for (const double x : d) opposite.push_back(-x);
  EXPECT_NEAR(signed_rank(d)->p_less, signed_rank(opposite)->p_greater, 1e-15);
  EXPECT_NEAR(signed_rank(d)->p_two_sided, signed_rank(opposite)->p_two_sided, 1e-15);
}

TEST(SignedRank, ExactWithTiesMeetsEnumerationOfAllSigns) {
  std::mt19937 generator(3);
  std::uniform_int_distribution<int> value(-3, 3);
  for (int round = 0; round < 40; ++round) {
    Sample d(1 + static_cast<std::size_t>(round % 9));
    for (double& one : d) one = value(generator);
    const auto test = signed_rank(d);
    if (test->num_pairs == 0) continue;
    Sample sizes;
    for (const double one : d) {
      if (one != 0) sizes.push_back(std::abs(one));
    }
    const auto v_of = [&](unsigned signs) {
      double v = 0;
      for (std::size_t i = 0; i < sizes.size(); ++i) {
        if (((signs >> i) & 1U) == 0) continue;
        for (const double other : sizes) v += other < sizes[i] ? 1 : other == sizes[i] ? 0.5 : 0;
        v += 0.5;
      }
      return v;
    };
    double less = 0;
    double greater = 0;
    const unsigned patterns = 1U << sizes.size();
    for (unsigned signs = 0; signs < patterns; ++signs) {
      less += v_of(signs) <= test->v ? 1 : 0;
      greater += v_of(signs) >= test->v ? 1 : 0;
    }
    EXPECT_NEAR(test->p_less, less / patterns, 1e-12) << round;
    EXPECT_NEAR(test->p_greater, greater / patterns, 1e-12) << round;
  }
}

TEST(SignedRank, OfManyPairsIsTheNormalApproximation) {
  std::mt19937 generator(5);
  std::normal_distribution<double> normal(0.1, 1);
  Sample d(200);
  for (double& one : d) one = normal(generator);
  const double exact = signed_rank(d)->p_two_sided;
  EXPECT_TRUE(signed_rank(d)->exact);
  d.push_back(1e-9);  // the smallest rank: moves V by 1 of 20,301
  const auto approximate = signed_rank(d);
  EXPECT_FALSE(approximate->exact);
  EXPECT_NEAR(approximate->p_two_sided, exact, 0.02 * exact + 1e-3);
}

TEST(SignedRankCdf, IsPsignrank) {
  const std::vector<double> expected = {0.03125, 0.0625, 0.09375, 0.15625, 0.21875, 0.3125};
  const std::vector<double> cdf = signed_rank_cdf(5);
  ASSERT_EQ(cdf.size(), 16U);
  for (std::size_t v = 0; v < expected.size(); ++v) EXPECT_NEAR(cdf[v], expected[v], 1e-15);
  EXPECT_NEAR(signed_rank_cdf(200).back(), 1, 1e-12);
}

TEST(SignedRank, HasTheSmallestPValuesOfTheTable) {
  const std::vector<std::pair<std::size_t, double>> table = {
      {5, 0.0625}, {6, 0.03125}, {7, 0.0156}, {8, 0.0078}, {10, 0.00195}};
  for (const auto& [n, p] : table) {
    Sample d;
    for (std::size_t i = 1; i <= n; ++i) d.push_back(static_cast<double>(i));
    EXPECT_NEAR(signed_rank(d)->p_two_sided, p, 5e-5) << n;
  }
}

TEST(WalshRatio, MeetsROnPairedLogarithms) {
  const auto estimate = walsh_ratio(kA, kB, 0.95);
  EXPECT_NEAR(estimate->ratio, 1.02644391249, 1e-11);
  EXPECT_NEAR(estimate->interval->lower, 1.01634066758, 1e-11);
  EXPECT_NEAR(estimate->interval->upper, 1.03649641863, 1e-11);
}

TEST(WalshShift, MeetsTheExampleOfR) {
  const auto estimate = walsh_shift(minus(kRPairsX, kRPairsY), 0.95);
  EXPECT_NEAR(estimate->shift, 0.46, 1e-12);
  EXPECT_NEAR(estimate->interval->lower, 0.01, 1e-12);
  EXPECT_NEAR(estimate->interval->upper, 0.786, 1e-12);
}

TEST(WalshShift, MovesWithAnAddedConstantAndTurnsWithTheSign) {
  const Sample d = {0.3, -0.1, 0.7, 0.75, -0.2, 1.1, 0.4};
  Sample moved;
  Sample turned;
  for (const double x : d) {
    moved.push_back(x + 2);
    turned.push_back(-x);
  }
  const auto estimate = walsh_shift(d, 0.9);
  EXPECT_NEAR(walsh_shift(moved, 0.9)->shift, estimate->shift + 2, 1e-12);
  EXPECT_NEAR(walsh_shift(turned, 0.9)->shift, -estimate->shift, 1e-12);
  EXPECT_NEAR(walsh_shift(turned, 0.9)->interval->lower, -estimate->interval->upper, 1e-12);
}

TEST(WalshShift, IsTheMedianOfAllAveragesAndItsIntervalTheirOrderStatistics) {
  std::mt19937 generator(11);
  std::normal_distribution<double> normal(0, 10);
  for (int round = 0; round < 50; ++round) {
    Sample d(1 + static_cast<std::size_t>(round % 12));
    for (double& value : d) value = normal(generator);
    Sample averages;
    for (std::size_t i = 0; i < d.size(); ++i) {
      for (std::size_t j = i; j < d.size(); ++j) averages.push_back((d[i] + d[j]) / 2);
    }
    std::sort(averages.begin(), averages.end());
    const std::size_t count = averages.size();
    const auto estimate = walsh_shift(d, 0.95);
    EXPECT_EQ(estimate->shift, (averages[(count - 1) / 2] + averages[count / 2]) / 2) << round;
    ASSERT_EQ(estimate->interval.has_value(), d.size() >= 6) << round;
    if (!estimate->interval) continue;
    const std::vector<double> cdf = signed_rank_cdf(d.size());
    std::size_t k = 1;
    while (cdf[k] <= 0.025) ++k;
    EXPECT_EQ(estimate->interval->lower, averages[k - 1]) << round;
    EXPECT_EQ(estimate->interval->upper, averages[count - k]) << round;
  }
}

TEST(WalshShift, OfManyPairsNeedsNoRoomForAllAverages) {
  Sample d(100000);  // 5e9 averages would need 40 GB
  for (std::size_t i = 0; i < d.size(); ++i) d[i] = static_cast<double>(i % 1001);
  const auto estimate = walsh_shift(d, 0.95);
  EXPECT_NEAR(estimate->shift, 500, 1);
  EXPECT_LT(estimate->interval->lower, estimate->shift);
  EXPECT_GT(estimate->interval->upper, estimate->shift);
}

TEST(WalshRatio, OfUnequalSizesOrValuesWithoutALogarithmIsNothing) {
  EXPECT_FALSE(walsh_ratio(kA, Sample{1, 2}, 0.95));
  EXPECT_FALSE(walsh_ratio(Sample{1, 0}, Sample{1, 2}, 0.95));
  EXPECT_FALSE(walsh_ratio({}, {}, 0.95));
}

}  // namespace
}  // namespace trainbench::stats
