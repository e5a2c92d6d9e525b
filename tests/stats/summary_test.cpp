#include "src/stats/summary.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace trainbench::stats {
namespace {

const std::vector<double> kSampleA = {101.2, 99.8, 100.5, 100.1, 102.3, 99.5, 100.9, 101.7, 100.3, 99.9};

TEST(Summary, MeetsTheValuesOfROnSampleA) {
  EXPECT_NEAR(*median(kSampleA), 100.4, 1e-12);
  EXPECT_NEAR(*median_absolute_deviation(kSampleA), 0.55, 1e-12);
  EXPECT_NEAR(1.4826 * *median_absolute_deviation(kSampleA), 0.81543, 1e-9);
  EXPECT_NEAR(*quantile(kSampleA, 0.25), 99.95, 1e-12);
  EXPECT_NEAR(*quantile(kSampleA, 0.75), 101.125, 1e-12);
  EXPECT_NEAR(*relative_mad(kSampleA), 0.55 / 100.4, 1e-12);
}

TEST(Summary, GivesTheRatioOfMedians) {
  const std::vector<double> sample_b = {103.1, 102.4, 104.0, 101.5, 103.8, 102.9, 105.2, 102.0, 103.3, 104.6};
  EXPECT_NEAR(*median(sample_b) / *median(kSampleA), 1.02788844622, 1e-11);
}

TEST(Summary, MeasuresDeviationsFromTheCentreNotTheMiddleElement) {
  // Boost.Math 1.81 answers 4 here.
  EXPECT_DOUBLE_EQ(*median_absolute_deviation(std::vector<double>{1, 2, 3, 4, 100}), 1);
}

TEST(Summary, OfAnEmptySampleIsNothing) {
  EXPECT_FALSE(median({}));
  EXPECT_FALSE(quantile({}, 0.5));
  EXPECT_FALSE(median_absolute_deviation({}));
  EXPECT_FALSE(relative_mad({}));
}

TEST(Summary, OfOneValueIsThatValue) {
  const std::vector<double> one = {7};
  EXPECT_EQ(quantile(one, 0), 7);
  EXPECT_EQ(quantile(one, 1), 7);
  EXPECT_EQ(median_absolute_deviation(one), 0);
}

TEST(Summary, HasNoRelativeDeviationAroundZero) {
  EXPECT_FALSE(relative_mad(std::vector<double>{-1, 0, 1}));
}

TEST(Summary, OfTheOrderOfValuesIsIndependent) {
  EXPECT_EQ(quantile(std::vector<double>{3, 1, 2, 5, 4}, 0.9),
            quantile(std::vector<double>{1, 2, 3, 4, 5}, 0.9));
  EXPECT_NEAR(*quantile(std::vector<double>{3, 1, 2, 5, 4}, 0.9), 4.6, 1e-12);
}

}  // namespace
}  // namespace trainbench::stats
