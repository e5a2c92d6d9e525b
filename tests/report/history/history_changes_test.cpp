#include "report/history/series/history_changes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/history/series/history_show.hpp"
#include "src/base/errors.hpp"
#include "src/base/json.hpp"
#include "tests/report/history/analysed_series.hpp"

namespace trainbench::report::history {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// Ten runs with a change at each index.
AnalysedSeries series_with_changes_at(const std::vector<std::size_t>& indices) {
  AnalysedSeries series = series_of_values({1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  for (const std::size_t index : indices) {
    series.analysis.changes.push_back(
        {.index = index, .before = 1, .after = 2, .direction = Direction::worse});
  }
  return series;
}

ChangeList listed_changes(const std::vector<AnalysedSeries>& all) {
  ChangeList list;
  for (const AnalysedSeries& series : all) add_changes(series, list);
  return list;
}

std::vector<std::string> runs_in(const ChangeList& list) {
  std::vector<std::string> runs;
  runs.reserve(list.changes.size());
  for (const ListedChange& one : list.changes) runs.push_back(one.first_after.run_id);
  return runs;
}

TEST(HistoryChanges, StandNewestFirstByCommitThoughAClockWentBackwards) {
  AnalysedSeries series = series_with_changes_at({2, 5, 8});
  series.history.points[8].started = "2020-01-01T00:00:00Z";
  ChangeList list = listed_changes({series});
  sort_newest_first(list, runs_of(series));
  EXPECT_THAT(runs_in(list), ElementsAre("run-8", "run-5", "run-2"));
}

TEST(HistoryChanges, OfTwoBranchesAreInterleavedByWhenTheyWereStarted) {
  const AnalysedSeries main = series_with_changes_at({2, 8});
  AnalysedSeries other = series_with_changes_at({5});
  other.history.key.branch = "other";
  for (Point& point : other.history.points) point.run_id += "-other";
  std::vector<RunSummary> runs = runs_of(main);
  for (const RunSummary& run : runs_of(other)) runs.push_back(run);
  ChangeList list = listed_changes({main, other});
  sort_newest_first(list, runs);
  EXPECT_THAT(runs_in(list), ElementsAre("run-8", "run-5-other", "run-2"));
}

TEST(HistoryChanges, SinceACommitLeavesOutWhatIsOlder) {
  const AnalysedSeries series = series_with_changes_at({2, 5, 8});
  ChangeList list = listed_changes({series});
  leave_since(list, "0000005", runs_of(series));
  EXPECT_THAT(runs_in(list), ElementsAre("run-5", "run-8"));
  leave_since(list, "run-6", runs_of(series));
  EXPECT_THAT(runs_in(list), ElementsAre("run-8"));
  for (const char* unknown : {"fffffff", "000000"})
    EXPECT_THROW(leave_since(list, unknown, runs_of(series)), InputError);
}

TEST(HistoryChanges, HeadlineCountsWhatWasLookedAt) {
  ChangeList list;
  EXPECT_EQ(headline(list, true), "Nothing was looked at: 0 series of gated metrics in 0 runs.");
  list = listed_changes({series_of_values({1, 1})});
  list.num_runs = 1200;
  EXPECT_EQ(headline(list, false), "Nothing changed: 1 series of all metrics in 1,200 runs.");
  AnalysedSeries worse_now = series_with_a_step();
  worse_now.analysis.worsening = true;
  list = listed_changes({worse_now, series_with_changes_at({2, 5})});
  list.num_runs = 10;
  EXPECT_EQ(
      headline(list, true),
      "3 changes, 3 for the worse; 1 series is worse now than its stable level (2 series of gated metrics in "
      "10 runs).");
}

TEST(HistoryChanges, RegressedIsAGatedSeriesWhoseNewestChangeIsForTheWorse) {
  AnalysedSeries series = series_with_a_step();
  EXPECT_TRUE(listed_changes({series}).regressed);
  series.rule.gated = false;
  EXPECT_FALSE(listed_changes({series}).regressed);
  series.rule.gated = true;
  series.analysis.changes[0].tentative = true;
  EXPECT_FALSE(listed_changes({series}).regressed);
  series.analysis.changes[0] = {.index = 2, .direction = Direction::better};
  EXPECT_FALSE(listed_changes({series}).regressed);
  series.analysis.worsening = true;
  EXPECT_TRUE(listed_changes({series}).regressed);
}

TEST(HistoryChanges, ASeriesThatIsBackAtItsStableLevelHasNotRegressed) {
  AnalysedSeries series = series_with_a_step();
  ASSERT_TRUE(listed_changes({series}).regressed);
  series.analysis.stable_segment = 1;
  EXPECT_FALSE(listed_changes({series}).regressed);
}

TEST(HistoryChanges, TextSaysEachInOneLine) {
  AnalysedSeries series = series_with_a_step();
  series.history.points[2].commit.number = 5;
  series.history.points[2].commit.subject = "Copy\ntwice";
  series.analysis.worsening = true;
  EXPECT_EQ(
      changes_text(listed_changes({series}), true),
      "1 change, 1 for the worse; 1 series is worse now than its stable level (1 series of gated metrics in "
      "0 "
      "runs).\n"
      "✗ worse than stable Exp1/batch:8 Time per step: 12.00 ms, stable 10.00 ms, 0000003000\n"
      "✗ worse 2026-11-03 0000002000 Exp1/batch:8 Time per step: 10.00 ms -> 12.00 ms by +20.00 %, p 0.0010, "
      "one of 4 commits after 0000001000; Copy twice\n");
}

TEST(HistoryChanges, JsonHasEveryNumber) {
  const ChangeList list = listed_changes({series_with_a_step()});
  const json::value parsed = parse_json(changes_json(list), "changes");
  EXPECT_TRUE(parsed.at("regressed").as_bool());
  const json::value& change = parsed.at("changes").at(0);
  EXPECT_EQ(change.at("benchmark").as_string(), "Exp1/batch:8");
  EXPECT_EQ(change.at("direction").as_string(), "worse");
  EXPECT_EQ(change.at("before").to_number<double>(), 10);
  EXPECT_EQ(change.at("after").to_number<double>(), 12);
  EXPECT_EQ(change.at("first_after").at("subject").as_string(), "Commit 2");
  EXPECT_EQ(change.at("last_before").at("number").to_number<int>(), 1);
}

TEST(HistoryShow, MarkdownNamesEachRunWithItsSegmentNewestFirst) {
  AnalysedSeries series = series_with_a_step();
  series.history.points[3].low = 11.5;
  series.analysis.outliers = {1};
  const std::string text = shown_markdown(
      std::vector<ShownSeries>{{.series = series, .machine = "CPU", .chart = "a b.svg"}}, {}, 60000);
  EXPECT_THAT(text, HasSubstr("## Exp1/batch:8: Time per step\n"));
  EXPECT_THAT(text, HasSubstr("4 runs from 2026-11-01 to 2026-11-04."));
  EXPECT_THAT(text, HasSubstr("Newest 12.00 ms of 0000003000; stable 10.00 ms, where 95 % of runs lie in "
                              "\\[9.00 ms, 11.00 ms\\]."));
  EXPECT_THAT(text, HasSubstr("![History]("));
  const std::size_t newest =
      text.find("| 0000003000 | 2026-11-04T12:00:00Z | 12.00 ms | 11.50 ms to 12.00 ms |");
  const std::size_t changed = text.find(
      "| 0000002000 | 2026-11-03T12:00:00Z | 12.00 ms |                      |   1 |       2 | ✗ worse");
  const std::size_t odd = text.find(
      "| 0000001000 | 2026-11-02T12:00:00Z | 10.00 ms |                      |   1 |       1 | outlier");
  ASSERT_NE(newest, std::string::npos) << text;
  ASSERT_NE(changed, std::string::npos) << text;
  ASSERT_NE(odd, std::string::npos) << text;
  EXPECT_LT(newest, changed);
  EXPECT_LT(changed, odd);
}

TEST(HistoryShow, MarkdownLeavesOutTheOldestRunsWhereThereIsNoRoom) {
  std::vector<double> values(500, 10);
  const AnalysedSeries series = series_of_values(values);
  const std::string text =
      shown_markdown(std::vector<ShownSeries>{{.series = series, .machine = "CPU", .chart = ""}}, {}, 5000);
  EXPECT_LE(text.size(), 5000U);
  EXPECT_THAT(text, AllOf(HasSubstr("0000499000"), Not(HasSubstr("0000001000"))));
  EXPECT_THAT(text, HasSubstr("older runs left out for want of room"));
}

TEST(HistoryShow, JsonHasTheWholeSeries) {
  const AnalysedSeries series = series_with_a_step();
  const json::value parsed = parse_json(
      shown_json(std::vector<ShownSeries>{{.series = series, .machine = "CPU", .chart = ""}}, {}), "show");
  const json::value& one = parsed.at("series").at(0);
  EXPECT_EQ(one.at("points").as_array().size(), 4U);
  EXPECT_EQ(one.at("points").at(3).at("value").to_number<double>(), 12);
  EXPECT_EQ(one.at("segments").at(1).at("begin").to_number<int>(), 2);
  EXPECT_EQ(one.at("changes").at(0).at("p").to_number<double>(), 0.001);
  EXPECT_EQ(one.at("stable_segment").to_number<int>(), 0);
}

}  // namespace
}  // namespace trainbench::report::history
