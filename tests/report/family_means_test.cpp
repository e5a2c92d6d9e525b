#include "report/compare/family_means.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/compare/render_comparison.hpp"
#include "tests/report/comparison_sides.hpp"

namespace trainbench::report {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Comparison compared(const Side& baseline, const Side& contender) {
  return compare(baseline, contender, {.pairing = Pairing::unpaired});
}

TEST(FamilyMeans, AreTheRatiosOfTheProcessesGeometricMeans) {
  const Side baseline = side_of({{"A/1", {1, 1, 1, 1, 1}}, {"A/2", {4, 4, 4, 4, 4}}});
  const Side contender = side_of({{"A/1", {2, 2, 2, 2, 2}}, {"A/2", {2, 2, 2, 2, 2}}});
  const auto means = family_means(compared(baseline, contender));
  ASSERT_EQ(means.size(), 1U);
  EXPECT_EQ(means[0].family, "A");
  EXPECT_EQ(means[0].num_benchmarks, 2U);
  EXPECT_NEAR(means[0].log_ratio.shift, 0, 1e-12);
}

TEST(FamilyMeans, OfAllFamiliesStandFirst) {
  const std::vector<double> ones(6, 1.0);
  const Side baseline = side_of({{"A/1", ones}, {"A/2", ones}, {"B/1", ones}, {"B/2", ones}});
  const std::vector<double> twos(6, 2.0);
  const auto means =
      family_means(compared(baseline, side_of({{"A/1", ones}, {"A/2", ones}, {"B/1", twos}, {"B/2", twos}})));
  ASSERT_EQ(means.size(), 3U);
  EXPECT_EQ(means[0].family, "");
  EXPECT_NEAR(means[0].log_ratio.shift, std::log(2) / 2, 1e-12);
  EXPECT_EQ(means[1].family, "B");
  EXPECT_NEAR(means[1].log_ratio.shift, std::log(2), 1e-12);
}

TEST(FamilyMeans, CountWhatTheBenchmarksOfAProcessShareOnce) {
  // Each process is slow or fast as a whole: a hundred benchmarks know no more than one.
  const std::vector<double> slow_and_fast = {1.0, 1.1, 0.9, 1.05, 0.95, 1.02, 0.98, 1.08};
  std::map<std::string, std::vector<double>> one = {{"A/1", slow_and_fast}, {"A/2", slow_and_fast}};
  std::map<std::string, std::vector<double>> many = one;
  for (int i = 3; i <= 100; ++i) many[fmt::format("A/{}", i)] = slow_and_fast;
  const auto width = [](const std::map<std::string, std::vector<double>>& values) {
    const auto interval = family_means(compared(side_of(values), side_of(values)))[0].log_ratio.interval;
    return interval->upper - interval->lower;
  };
  EXPECT_NEAR(width(many), width(one), 1e-9);
}

TEST(FamilyMeans, ComparePairsPairByPair) {
  const std::vector<double> drifting = {1, 2, 4, 8, 16, 32, 64, 128};
  std::vector<double> slower = drifting;
  for (double& value : slower) value *= 1.1;
  const Side baseline = side_of({{"A/1", drifting}, {"A/2", drifting}});
  const Comparison comparison =
      compare(baseline, side_of({{"A/1", slower}, {"A/2", slower}}), {.pairing = Pairing::paired});
  const auto means = family_means(comparison);
  EXPECT_NEAR(means[0].log_ratio.interval->lower, std::log(1.1), 1e-9);
  EXPECT_NEAR(means[0].log_ratio.interval->upper, std::log(1.1), 1e-9);
}

TEST(FamilyMeans, DoNotMoveWhereABenchmarkComesOrGoesOrFails) {
  const Side baseline = side_of({{"A/1", {1, 1, 1, 1}}, {"A/2", {2, 2, 2, 2}}});
  Side contender = side_of({{"A/1", {1, 1, 1, 1}}, {"A/2", {2, 2, 2, 2}}, {"A/3", {9, 9, 9, 9}}});
  EXPECT_NEAR(family_means(compared(baseline, contender))[0].log_ratio.shift, 0, 1e-12);
  contender.files[0].results.rows[0].status = CaseStatus::failed;
  EXPECT_THAT(family_means(compared(baseline, contender)), IsEmpty());
}

TEST(FamilyMeans, SayHowManyBenchmarksWereMeasuredTooSeldom) {
  Side baseline = side_of({{"A/1", {1, 1, 1, 1}}, {"A/2", {2, 2, 2, 2}}, {"A/3", {3, 3, 3, 3}}});
  baseline.files[0].results.rows.pop_back();
  const Comparison comparison =
      compared(baseline, side_of({{"A/1", {1, 1, 1, 1}}, {"A/2", {2, 2, 2, 2}}, {"A/3", {3, 3, 3, 3}}}));
  const auto means = family_means(comparison);
  EXPECT_EQ(means[0].num_left_out, 1U);
  EXPECT_THAT(comparison_markdown(comparison), HasSubstr("2 of 3"));
}

TEST(FamilyMeans, DoNotMixBenchmarksThatWereMeasuredInOtherProcesses) {
  Side side = side_of({{"A/1", {1, 2, 3, 4}}, {"A/2", {1, 2, 3, 4}}});
  side.files[0].results.rows.erase(side.files[0].results.rows.begin());
  side.files[3].results.rows.pop_back();
  EXPECT_THAT(family_means(compared(side, side)), IsEmpty());
}

TEST(FamilyMeans, OfASingleBenchmarkSayNothingNew) {
  const Side one = side_of({{"A/1", {1, 1, 1, 1}}});
  const Comparison comparison = compared(one, one);
  EXPECT_THAT(family_means(comparison), IsEmpty());
  EXPECT_THAT(comparison_markdown(comparison), Not(HasSubstr("Geometric means")));
}

TEST(FamilyMeans, AreInEveryFormat) {
  const Side baseline = side_of({{"A/1", {1, 1, 1, 1}}, {"A/2", {4, 4, 4, 4}}});
  const Side contender = side_of({{"A/1", {2, 2, 2, 2}}, {"A/2", {8, 8, 8, 8}}});
  const Comparison comparison = compared(baseline, contender);
  EXPECT_THAT(comparison_markdown(comparison), HasSubstr("## Geometric means"));
  EXPECT_THAT(comparison_text(comparison), HasSubstr("Geometric mean of 2 benchmarks, Time: +100.00 % ["));
  EXPECT_THAT(comparison_json(comparison), HasSubstr(R"("means":[{"metric":"real_time","benchmarks":2)"));
}

TEST(FamilyMeans, OfAFamilyAloneStandInTheTextForEachOfItsMetrics) {
  const auto with_memory = [](double scale) {
    Side side = side_of({{"A/1", {scale, scale, scale}}, {"A/2", {4 * scale, 4 * scale, 4 * scale}}});
    for (SideFile& file : side.files) {
      for (Row& row : file.results.rows) row.metrics["peak_rss_mib"] = 100 * scale;
    }
    return side;
  };
  const std::string text = comparison_text(compared(with_memory(1), with_memory(2)));
  EXPECT_THAT(text, HasSubstr("Geometric mean of 2 benchmarks, Time: +100.00 %"));
  EXPECT_THAT(text, HasSubstr("Geometric mean of 2 benchmarks, Peak RSS: +100.00 %"));
}

}  // namespace
}  // namespace trainbench::report
