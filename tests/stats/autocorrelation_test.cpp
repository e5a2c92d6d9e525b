#include "src/stats/autocorrelation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace trainbench::stats {
namespace {

TEST(Autocorrelation, OfFourResidualsIsTheQuotientOfTheirSums) {
  EXPECT_DOUBLE_EQ(lag1_autocorrelation(std::vector<double>{1, 2, -1, -2}), (2.0 - 2 + 2) / 10);
  EXPECT_DOUBLE_EQ(lag1_autocorrelation(std::vector<double>{1, -1, 1, -1}), -0.75);
}

TEST(Autocorrelation, DoesNotDependOnScaleOrDirectionOfTime) {
  EXPECT_DOUBLE_EQ(lag1_autocorrelation(std::vector<double>{20, 40, -20, -40}), 0.2);
  EXPECT_DOUBLE_EQ(lag1_autocorrelation(std::vector<double>{-2, -1, 2, 1}), 0.2);
}

TEST(VarianceInflation, StartsWhereChanceEnds) {
  EXPECT_EQ(variance_inflation(-0.5), 1);
  EXPECT_EQ(variance_inflation(0.3), 1);
  EXPECT_DOUBLE_EQ(variance_inflation(0.5), 3);
}

TEST(Autocorrelation, WithoutAnyVariationIsZero) {
  EXPECT_EQ(lag1_autocorrelation({}), 0);
  EXPECT_EQ(lag1_autocorrelation(std::vector<double>{0, 0, 0}), 0);
  EXPECT_EQ(unbiased_autocorrelation({}, 1), 0);
}

TEST(Autocorrelation, OfShortSeriesIsRightInTheMeanOnceCorrected) {
  std::mt19937_64 generator(1);
  std::normal_distribution<double> normal;
  constexpr int kSeries = 2000;
  constexpr std::size_t kPoints = 40;
  double plain = 0;
  double corrected = 0;
  for (int i = 0; i < kSeries; ++i) {
    std::vector<double> values;
    double value = normal(generator) / std::sqrt(1 - 0.25);
    double mean = 0;
    for (std::size_t k = 0; k < kPoints; ++k) {
      mean += values.emplace_back(value) / kPoints;
      value = 0.5 * value + normal(generator);
    }
    for (double& each : values) each -= mean;
    plain += lag1_autocorrelation(values) / kSeries;
    corrected += unbiased_autocorrelation(values, 1) / kSeries;
  }
  EXPECT_LT(plain, 0.45);
  EXPECT_NEAR(corrected, 0.5, 0.02);
}

}  // namespace
}  // namespace trainbench::stats
