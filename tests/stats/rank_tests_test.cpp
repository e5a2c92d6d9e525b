#include "src/stats/rank_tests.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <random>

#include "tests/stats/reference_samples.hpp"

namespace trainbench::stats {
namespace {

const Sample kScipyMales = {19, 22, 16, 29, 24};
const Sample kScipyFemales = {20, 11, 17, 12};
const Sample kRHelpX = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
const Sample kRHelpY = {1.15, 0.88, 0.90, 0.74, 1.21};

Sample logs_times(const Sample& sample, double factor) {
  Sample result;
  for (const double value : sample) result.push_back(std::log(value * factor));
  return result;
}

TEST(MannWhitney, MeetsRWithoutTies) {
  const auto test = mann_whitney(kA, kB);
  EXPECT_EQ(test->u, 97);
  EXPECT_NEAR(test->p_two_sided, 7.57756175713e-05, 1e-15);
  EXPECT_TRUE(test->exact);
}

TEST(MannWhitney, MeetsROnUnequalSizes) {
  const auto test = mann_whitney(kRHelpY, kRHelpX);
  EXPECT_EQ(test->u, 35);
  EXPECT_NEAR(test->p_two_sided, 0.254412254412254, 1e-12);
  EXPECT_NEAR(test->p_greater, 0.1272, 5e-5);
}

TEST(MannWhitney, MeetsScipyExactlyAndAsymptotically) {
  const auto exact = mann_whitney(kScipyFemales, kScipyMales);
  EXPECT_EQ(exact->u, 17);
  EXPECT_NEAR(exact->p_two_sided, 0.11111111111, 1e-10);
  const auto normal = mann_whitney_normal(kScipyFemales, kScipyMales);
  EXPECT_EQ(normal->u, 17);
  EXPECT_NEAR(normal->p_two_sided, 0.11134688653, 1e-10);
  // Without the correction, by which a deviation of 7 pairs is one of 6.5, it would be scipy's other value.
  const boost::math::normal standard;
  const double corrected = boost::math::quantile(standard, normal->p_two_sided / 2);
  EXPECT_NEAR(2 * boost::math::cdf(standard, corrected * 7 / 6.5), 0.0864107329737, 1e-12);
  EXPECT_FALSE(normal->exact);
}

TEST(MannWhitney, MeetsTheTestValueOfAsv) {
  const auto test = mann_whitney(Sample{0.9, 1.1, 0.7}, Sample{1, 2, 3, 4});
  EXPECT_EQ(test->u, 11);
  EXPECT_NEAR(test->p_two_sided, 0.114285714286, 1e-12);
}

TEST(MannWhitney, OfFiveAgainstFiveApartIsTheSmallestPossible) {
  const auto test = mann_whitney(Sample{10.1, 10.3, 9.9, 10.2, 10.0}, Sample{10.6, 10.8, 10.4, 10.7, 10.5});
  EXPECT_EQ(test->u, 25);
  EXPECT_NEAR(test->p_two_sided, 0.00793650793651, 1e-13);
}

TEST(MannWhitney, StaysExactWhereScipySwitchesToTheNormal) {
  Sample low;
  Sample high;
  for (int i = 0; i < 10; ++i) {
    low.push_back(i);
    high.push_back(20 + i);
  }
  EXPECT_NEAR(mann_whitney(low, high)->p_two_sided, 1.08e-5, 1e-7);
}

TEST(MannWhitney, CountsTiesByDistanceFromTheMiddle) {
  // Unequal sizes and ties: doubling the smaller tail would give 0.0952380952.
  const auto test = mann_whitney(Sample{1, 1, 1, 1, 1}, Sample{2, 1, 3, 5});
  EXPECT_EQ(test->u, 17.5);
  EXPECT_NEAR(test->p_two_sided, 0.0476190476, 1e-10);
  EXPECT_NEAR(test->p_less, 1.0, 1e-12);
  EXPECT_NEAR(test->p_greater, 0.0476190476, 1e-10);
}

TEST(MannWhitney, MeetsExactRankTestsWithTies) {
  const auto equal_sizes = mann_whitney(Sample{11, 12, 13, 13, 14}, Sample{10, 10, 11, 12, 12});
  EXPECT_EQ(equal_sizes->u, 3.5);
  EXPECT_NEAR(equal_sizes->p_two_sided, 0.0873015873016, 1e-12);
  const auto benchstat = mann_whitney(Sample{-1, 1, 1, 1}, Sample{1, -1, -1, -1});
  EXPECT_EQ(benchstat->u, 4);
  EXPECT_NEAR(benchstat->p_two_sided, 0.485714285714, 1e-12);
}

TEST(MannWhitney, OfEqualValuesSaysNothing) {
  for (const std::size_t n : {3U, 40U}) {
    const auto test = mann_whitney(Sample(n, 5.0), Sample(n, 5.0));
    EXPECT_EQ(test->p_two_sided, 1) << n;
  }
}

TEST(MannWhitney, AnswersOneSidedQuestionsOnShiftedLogarithms) {
  const auto beyond_two_percent = mann_whitney(logs_times(kA, 1.02), logs_times(kB, 1));
  EXPECT_EQ(beyond_two_percent->u, 68);
  EXPECT_NEAR(beyond_two_percent->p_greater, 0.0951579380372, 1e-12);
  const auto beyond_three_percent = mann_whitney(logs_times(kA, 1.03), logs_times(kB, 1));
  EXPECT_EQ(beyond_three_percent->u, 40);
  EXPECT_NEAR(beyond_three_percent->p_greater, 0.782063911321, 1e-12);
}

TEST(MannWhitney, ShowsEquivalenceByTwoOneSidedTests) {
  const auto below = mann_whitney(logs_times(kA, 1.05), logs_times(kB, 1));
  const auto above = mann_whitney(logs_times(kA, 0.95), logs_times(kB, 1));
  EXPECT_NEAR(std::max(below->p_less, above->p_greater), 1.02838338132e-04, 1e-14);
}

TEST(MannWhitney, OfNothingOrNonFiniteValuesIsNothing) {
  EXPECT_FALSE(mann_whitney({}, kB));
  EXPECT_FALSE(mann_whitney(kA, {}));
  EXPECT_FALSE(mann_whitney(Sample{1, std::numeric_limits<double>::quiet_NaN()}, kB));
  EXPECT_FALSE(mann_whitney_normal(Sample{1, std::numeric_limits<double>::infinity()}, kB));
}

TEST(MannWhitney, ExactWithTiesMeetsEnumerationOfAllSplits) {
  std::mt19937 generator(7);
  for (int round = 0; round < 40; ++round) {
    // From round 30 on hardly any ties: those are counted in another way.
    std::uniform_int_distribution<int> value(0, round < 30 ? 4 : 1000000);
    const std::size_t n = 2 + static_cast<std::size_t>(round % 4);
    const std::size_t m = 2 + static_cast<std::size_t>(round % 3);
    Sample pooled(n + m);
    for (double& one : pooled) one = value(generator);
    std::vector<int> chosen(n + m, 0);
    std::fill_n(chosen.begin(), m, 1);
    std::sort(chosen.begin(), chosen.end());
    const auto u_of = [&](const std::vector<int>& side) {
      double u = 0;
      for (std::size_t i = 0; i < pooled.size(); ++i) {
        for (std::size_t j = 0; j < pooled.size(); ++j) {
          if (side[i] == 1 && side[j] == 0) u += pooled[i] > pooled[j] ? 1 : pooled[i] == pooled[j] ? 0.5 : 0;
        }
      }
      return u;
    };
    const double observed = u_of(chosen);
    const double centre = static_cast<double>(n * m) / 2;
    double all = 0;
    double as_far = 0;
    auto split = chosen;
    do {
      ++all;
      if (std::abs(u_of(split) - centre) >= std::abs(observed - centre)) ++as_far;
    } while (std::next_permutation(split.begin(), split.end()));
    const auto boundary = pooled.begin() + static_cast<std::ptrdiff_t>(n);
    const auto test = mann_whitney(Sample(pooled.begin(), boundary), Sample(boundary, pooled.end()));
    EXPECT_NEAR(test->p_two_sided, as_far / all, 1e-12) << round;
  }
}

TEST(ProbabilityOfSuperiority, MeetsTheReferenceAndSwapsWithTheSides) {
  EXPECT_NEAR(*probability_of_superiority(kA, kB), 0.97, 1e-12);
  EXPECT_NEAR(*probability_of_superiority(kB, kA), 0.03, 1e-12);
  EXPECT_EQ(*probability_of_superiority(kA, kA), 0.5);
  EXPECT_FALSE(probability_of_superiority(kA, {}));
}

TEST(MannWhitney, DependsOnTheOrderOfValuesOnly) {
  const auto exponentials = [](Sample sample) {
    for (double& value : sample) value = std::exp(value / 10);
    return sample;
  };
  EXPECT_EQ(mann_whitney(kA, kB)->p_two_sided, mann_whitney(exponentials(kA), exponentials(kB))->p_two_sided);
}

TEST(MannWhitney, SwapsItsTailsWithTheSides) {
  const auto test = mann_whitney(kRHelpX, kRHelpY);
  const auto swapped = mann_whitney(kRHelpY, kRHelpX);
  EXPECT_NEAR(test->p_less, swapped->p_greater, 1e-12);
  EXPECT_NEAR(test->p_two_sided, swapped->p_two_sided, 1e-12);
  EXPECT_EQ(test->u + swapped->u, 50);
}

TEST(MannWhitney, HasTheSmallestPValuesOfTheTable) {
  const std::vector<std::pair<std::size_t, double>> table = {{2, 0.333},   {3, 0.1},     {4, 0.0286},
                                                             {5, 0.00794}, {6, 0.00216}, {7, 5.83e-4},
                                                             {8, 1.55e-4}, {9, 4.11e-5}, {10, 1.08e-5}};
  for (const auto& [n, p] : table) {
    Sample low;
    Sample high;
    for (std::size_t i = 0; i < n; ++i) {
      low.push_back(static_cast<double>(i));
      high.push_back(static_cast<double>(i + n));
    }
    EXPECT_NEAR(mann_whitney(low, high)->p_two_sided, p, 0.005 * p) << n;
  }
}

TEST(MannWhitneyCdf, IsPwilcox) {
  const std::vector<double> expected = {0.003968254, 0.007936508, 0.015873016,
                                        0.027777778, 0.047619048, 0.075396825};
  const std::vector<double> cdf = mann_whitney_cdf(5, 5);
  ASSERT_EQ(cdf.size(), 26U);
  for (std::size_t u = 0; u < expected.size(); ++u) EXPECT_NEAR(cdf[u], expected[u], 5e-10);
  EXPECT_NEAR(cdf.back(), 1, 1e-12);
  EXPECT_NEAR(mann_whitney_cdf(25, 25).back(), 1, 1e-12);
}

TEST(MannWhitneyCdf, MeetsTheTablesOfMannAndWhitney1947) {
  // P(U <= u) of n and m = 1 .. n, one line for each u from 0.
  const std::vector<std::vector<double>> of_three = {{0.250, 0.100, 0.050}, {0.500, 0.200, 0.100},
                                                     {0.750, 0.400, 0.200}, {1.000, 0.600, 0.350},
                                                     {1.000, 0.800, 0.500}, {1.000, 0.900, 0.650}};
  const std::vector<std::vector<double>> of_five = {
      {0.166667, 0.047619, 0.017857, 0.007937, 0.003968}, {0.333333, 0.095238, 0.035714, 0.015873, 0.007937},
      {0.500000, 0.190476, 0.071429, 0.031746, 0.015873}, {0.666667, 0.285714, 0.125000, 0.055556, 0.027778},
      {0.833333, 0.428571, 0.196429, 0.095238, 0.047619}, {1.000000, 0.571429, 0.285714, 0.142857, 0.075397}};
  for (const auto& table : {of_three, of_five}) {
    const std::size_t n = table.front().size();
    for (std::size_t u = 0; u < table.size(); ++u) {
      for (std::size_t m = 1; m <= n; ++m) {
        const std::vector<double> cdf = mann_whitney_cdf(n, m);
        EXPECT_NEAR(cdf[std::min(u, cdf.size() - 1)], table[u][m - 1], 5e-7) << n << " " << m << " " << u;
      }
    }
  }
}

using Tails = std::map<double, double>;  // P(U <= u) by u

/// Of all ways to give `missing` of the values, in groups of equal ones, to the contender.
void add_tails(const std::vector<std::size_t>& groups, std::size_t group, std::size_t missing,
               Sample baseline, Sample contender, Tails& tails) {
  if (group == groups.size()) {
    if (missing > 0) return;
    const auto test = mann_whitney(baseline, contender);
    tails[test->u] = test->p_less;
    return;
  }
  baseline.insert(baseline.end(), groups[group], static_cast<double>(group));
  for (std::size_t taken = 0; taken <= std::min(missing, groups[group]); ++taken) {
    add_tails(groups, group + 1, missing - taken, baseline, contender, tails);
    baseline.pop_back();
    contender.push_back(static_cast<double>(group));
  }
}

/// `table` has every value of U + m^2 / 2 up to its last, with P.
void expect_klotz(const std::vector<std::size_t>& groups, std::size_t m,
                  const std::vector<std::pair<double, double>>& table) {
  Tails tails;
  add_tails(groups, 0, m, {}, {}, tails);
  auto tail = tails.begin();
  for (const auto& [statistic, p] : table) {
    ASSERT_NE(tail, tails.end()) << statistic;
    EXPECT_EQ(tail->first + static_cast<double>(m * m) / 2, statistic);
    EXPECT_NEAR(tail->second, p, 5.1e-7) << statistic;
    ++tail;
  }
}

TEST(MannWhitney, MeetsTheTablesOfKlotz1966WithTies) {
  // As go-moremath has them, stats/udist_test.go: sizes of the groups of equal values, contender's size.
  expect_klotz({1, 1, 2, 1, 1, 2, 1, 1}, 5,
               {{12.5, 0.003968},
                {13.5, 0.007937},
                {15.0, 0.023810},
                {16.5, 0.047619},
                {17.5, 0.071429},
                {18.0, 0.087302},
                {19.0, 0.134921},
                {19.5, 0.138889}});
  expect_klotz({6, 5, 4, 3, 2, 1}, 10,
               {{52.0, 0.000014}, {56.5, 0.000128}, {57.5, 0.000145}, {60.0, 0.000230}, {61.0, 0.000400},
                {62.0, 0.000740}, {62.5, 0.000797}, {64.0, 0.000825}, {64.5, 0.001165}, {65.5, 0.001477},
                {66.5, 0.002498}, {67.0, 0.002725}, {67.5, 0.002895}, {68.0, 0.003150}, {68.5, 0.003263},
                {69.0, 0.003518}, {69.5, 0.003603}, {70.0, 0.005648}, {70.5, 0.005818}, {71.0, 0.006626},
                {71.5, 0.006796}, {72.0, 0.008157}, {72.5, 0.009688}, {73.0, 0.009801}, {73.5, 0.010430},
                {74.0, 0.011111}, {74.5, 0.014230}, {75.0, 0.014612}, {75.5, 0.017249}, {76.0, 0.018307},
                {76.5, 0.020178}, {77.0, 0.022270}, {77.5, 0.023189}, {78.0, 0.026931}, {78.5, 0.028207},
                {79.0, 0.029979}, {79.5, 0.030931}, {80.0, 0.038969}, {80.5, 0.043063}, {81.0, 0.044262},
                {81.5, 0.046389}, {82.0, 0.049581}, {82.5, 0.056300}, {83.0, 0.058027}, {83.5, 0.063669},
                {84.0, 0.067454}, {84.5, 0.074122}, {85.0, 0.077425}, {85.5, 0.083498}, {86.0, 0.094079},
                {86.5, 0.096693}, {87.0, 0.101132}});
  expect_klotz({2, 2, 2, 2, 2, 2, 2, 2}, 8,
               {{32.0, 0.000078},
                {34.0, 0.000389},
                {36.0, 0.001088},
                {38.0, 0.002642},
                {40.0, 0.005905},
                {42.0, 0.011500},
                {44.0, 0.021057},
                {46.0, 0.035664},
                {48.0, 0.057187},
                {50.0, 0.086713},
                {52.0, 0.126263},
                {54.0, 0.175369}});
}

TEST(HodgesLehmann, MeetsROnShifts) {
  const auto estimate = hodges_lehmann(kA, kB, 0.95);
  EXPECT_NEAR(estimate->shift, 2.7, 1e-12);
  EXPECT_NEAR(estimate->interval->lower, 1.6, 1e-12);
  EXPECT_NEAR(estimate->interval->upper, 3.7, 1e-12);
  const auto unequal = hodges_lehmann(kRHelpY, kRHelpX, 0.95);
  EXPECT_NEAR(unequal->shift, 0.305, 1e-12);
  EXPECT_NEAR(unequal->interval->lower, -0.15, 1e-12);
  EXPECT_NEAR(unequal->interval->upper, 0.76, 1e-12);
  const auto scipy = hodges_lehmann(kScipyFemales, kScipyMales, 0.95);
  EXPECT_EQ(scipy->shift, 7);
  EXPECT_EQ(scipy->interval->lower, -1);
  EXPECT_EQ(scipy->interval->upper, 17);
}

TEST(HodgesLehmannRatio, MeetsROnLogarithms) {
  const auto at_95 = hodges_lehmann_ratio(kA, kB, 0.95);
  EXPECT_NEAR(at_95->ratio, 1.02685972635, 1e-11);
  EXPECT_NEAR(at_95->interval->lower, 1.01601601602, 1e-11);
  EXPECT_NEAR(at_95->interval->upper, 1.03688933200, 1e-11);
  EXPECT_NEAR(at_95->interval->achieved_confidence, 0.9567, 5e-5);
  const auto at_90 = hodges_lehmann_ratio(kA, kB, 0.90);
  EXPECT_NEAR(at_90->interval->lower, 1.01703406814, 1e-11);
  EXPECT_NEAR(at_90->interval->upper, 1.03489531406, 1e-11);
}

TEST(HodgesLehmannRatio, OfFiveAgainstFiveHasAnIntervalAt95Percent) {
  const auto estimate =
      hodges_lehmann_ratio(Sample{10.1, 10.3, 9.9, 10.2, 10.0}, Sample{10.6, 10.8, 10.4, 10.7, 10.5}, 0.95);
  EXPECT_NEAR(estimate->ratio, 1.04950495050, 1e-11);
  EXPECT_NEAR(estimate->interval->lower, 1.01960784314, 1e-11);
  EXPECT_NEAR(estimate->interval->upper, 1.08000000000, 1e-11);
  EXPECT_NEAR(estimate->interval->achieved_confidence, 0.968254, 5e-7);
}

TEST(HodgesLehmannRatio, OfThreeAgainstThreeHasNoIntervalAt95Percent) {
  const auto estimate = hodges_lehmann_ratio(Sample{1, 2, 3}, Sample{10, 20, 30}, 0.95);
  EXPECT_NEAR(estimate->ratio, 10, 1e-12);
  EXPECT_FALSE(estimate->interval);
  EXPECT_TRUE(hodges_lehmann_ratio(Sample{1, 2, 3}, Sample{10, 20, 30}, 0.90)->interval);
}

TEST(HodgesLehmannRatio, OfValuesThatHaveNoLogarithmIsNothing) {
  EXPECT_FALSE(hodges_lehmann_ratio(Sample{1, 0}, Sample{1, 2}, 0.95));
  EXPECT_FALSE(hodges_lehmann_ratio(Sample{1, 2}, Sample{-1, 2}, 0.95));
  EXPECT_FALSE(hodges_lehmann_ratio({}, Sample{1, 2}, 0.95));
}

TEST(HodgesLehmann, AchievesTheConfidencesOfTheTable) {
  const std::vector<std::pair<std::size_t, double>> table = {
      {4, 0.9714}, {5, 0.9683}, {6, 0.9589}, {8, 0.9501}, {10, 0.9567}, {15, 0.9547}, {20, 0.9509}};
  for (const auto& [n, confidence] : table) {
    Sample sample;
    for (std::size_t i = 0; i < n; ++i) sample.push_back(static_cast<double>(i));
    EXPECT_NEAR(hodges_lehmann(sample, sample, 0.95)->interval->achieved_confidence, confidence, 5e-5) << n;
  }
}

TEST(HodgesLehmann, IsTheMedianOfAllDifferencesWhateverTheSizesAndSigns) {
  std::mt19937 generator(11);
  std::normal_distribution<double> normal(0, 10);
  for (int round = 0; round < 50; ++round) {
    Sample x(1 + static_cast<std::size_t>(round % 7));
    Sample y(1 + static_cast<std::size_t>(round % 5));
    for (double& value : x) value = normal(generator);
    for (double& value : y) value = normal(generator);
    Sample differences;
    for (const double a : x) {
      for (const double b : y) differences.push_back(b - a);
    }
    std::sort(differences.begin(), differences.end());
    const std::size_t middle = differences.size() / 2;
    const double expected = differences.size() % 2 == 1 ? differences[middle]
                                                        : (differences[middle - 1] + differences[middle]) / 2;
    EXPECT_EQ(hodges_lehmann(x, y, 0.95)->shift, expected) << round;
  }
}

TEST(HodgesLehmann, OfManyRepetitionsNeedsNoRoomForAllPairs) {
  // 1e10 differences would need 80 GB.
  Sample x(100000);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i % 1000);
  Sample y = x;
  for (double& value : y) value += 3;
  const auto estimate = hodges_lehmann(x, y, 0.95);
  EXPECT_EQ(estimate->shift, 3);
  EXPECT_LE(estimate->interval->lower, 3);
  EXPECT_GE(estimate->interval->upper, 3);
  EXPECT_NEAR(estimate->interval->achieved_confidence, 0.95, 1e-4);
}

}  // namespace
}  // namespace trainbench::stats
