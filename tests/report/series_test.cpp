#include "report/run/series.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace trainbench::report {
namespace {

Row row_of(const std::string& benchmark, double throughput, CaseStatus status = CaseStatus::ok) {
  Row row;
  row.benchmark = benchmark;
  row.status = status;
  row.metrics["images_per_second"] = throughput;
  return row;
}

std::vector<std::string> labels_of(const std::vector<ResultSet>& runs) {
  std::vector<std::string> labels;
  for (const Series& series : group_series(runs)) labels.push_back(label_of(series, runs.size()));
  return labels;
}

TEST(GroupSeries, DoesNotDependOnTheOrderOfRows) {
  std::vector<ResultSet> runs(1);
  for (const char* name : {"B/8", "A/batch:128", "A-x/1", "A", "A/batch:16", "B/8"})
    runs[0].rows.push_back(row_of(name, 1));
  const std::vector<std::string> expected = {"A", "A/batch:16", "A/batch:128", "A-x/1", "B/8"};
  EXPECT_EQ(labels_of(runs), expected);
  std::reverse(runs[0].rows.begin(), runs[0].rows.end());
  EXPECT_EQ(labels_of(runs), expected);
}

TEST(GroupSeries, KeepsRunsApart) {
  std::vector<ResultSet> runs(2);
  runs[0].rows = {row_of("A", 1)};
  runs[1].rows = {row_of("A", 2)};
  EXPECT_EQ(labels_of(runs), (std::vector<std::string>{"run 1: A", "run 2: A"}));
}

TEST(GroupFamilies, SplitsWhereTheFamilyChanges) {
  std::vector<ResultSet> runs(1);
  for (const char* name : {"A/1", "A/2", "B", "A"}) runs[0].rows.push_back(row_of(name, 1));
  const auto series = group_series(runs);
  const auto families = group_families(series);
  ASSERT_EQ(families.size(), 2U);
  EXPECT_EQ(families[0].size(), 3U);
  EXPECT_TRUE(group_families({}).empty());
}

TEST(GroupSeries, GivesABlankNameWords) {
  std::vector<ResultSet> runs(1);
  runs[0].rows = {row_of("", 1), row_of(" ", 1), row_of("/8", 1)};
  for (const Series& series : group_series(runs)) EXPECT_EQ(series.name.family, "(unnamed)");
}

Row row_of_kind(const std::string& benchmark, const std::string& kind) {
  Row row = row_of(benchmark, 1);
  row.measurement["kind"] = kind;
  return row;
}

TEST(WithComparableThroughput, SetsOneKindSideBySide) {
  std::vector<ResultSet> runs(1);
  runs[0].rows = {row_of("A", 1), row_of_kind("B", "training"), row_of_kind("C", "overhead"),
                  row_of_kind("D", "loading")};
  std::set<std::string> left_out;
  const auto series = group_series(runs);
  const auto kept = with_comparable_throughput(series, left_out);
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept[0]->benchmark, "A");
  EXPECT_EQ(kept[1]->benchmark, "B");
  EXPECT_EQ(left_out, (std::set<std::string>{"loading", "overhead"}));
}

TEST(WithComparableThroughput, TakesOneOtherKindWhereNothingWasTrained) {
  std::vector<ResultSet> runs(1);
  runs[0].rows = {row_of_kind("C", "overhead"), row_of_kind("D", "loading"),
                  row_of("failed", 1, CaseStatus::failed)};
  std::set<std::string> left_out;
  const auto series = group_series(runs);
  const auto kept = with_comparable_throughput(series, left_out);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0]->benchmark, "D");
  EXPECT_EQ(left_out, (std::set<std::string>{"overhead"}));
}

TEST(EstimateOf, CountsOnlyRowsThatAreOk) {
  std::vector<ResultSet> runs(1);
  runs[0].rows = {row_of("A", 10), row_of("A", 12), row_of("A", 14), row_of("A", 0, CaseStatus::failed)};
  const auto series = group_series(runs);
  const auto estimate = estimate_of(series[0], {Quantity::metric, "images_per_second"});
  EXPECT_EQ(estimate->num_values, 3U);
  EXPECT_EQ(estimate->median, 12);
  EXPECT_EQ(estimate->mad, 2);
  EXPECT_EQ(count_status(series[0], CaseStatus::failed), 1U);
  EXPECT_FALSE(estimate_of(series[0], {Quantity::real_time, ""}));
}

TEST(EstimateOf, OneValueHasNoNoise) {
  std::vector<ResultSet> runs(1);
  runs[0].rows = {row_of("A", 10)};
  const auto estimate = estimate_of(group_series(runs)[0], {Quantity::metric, "images_per_second"});
  EXPECT_FALSE(estimate->noise);
  EXPECT_FALSE(estimate->mad);
}

}  // namespace
}  // namespace trainbench::report
