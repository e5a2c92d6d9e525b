#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/history/exchange/benchmark_unit.hpp"
#include "report/history/exchange/export_formats.hpp"
#include "report/history/exchange/import_github_action_benchmark.hpp"
#include "tests/report/history_exchange/exchange_run.hpp"

namespace trainbench::report::history {
namespace {

using testing::Contains;
using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

Imported imported_from(const std::string& text) {
  const ImportTarget target{.branch = "trunk", .place_of = [](const std::string& hash) {
                              return CommitPlace{.hash = hash, .subject = "", .number = 3};
                            }};
  Imported imported;
  import_github_action_benchmark(text, "data.js", target, imported);
  return imported;
}

std::string sample_data() {
  return read_file(exchange_testdata("data.js"));
}

/// A data.js with one suite of one entry.
std::string data_of(const std::string& benches, const std::string& tool = "customSmallerIsBetter",
                    const std::string& suite = "Benchmark") {
  return fmt::format(R"(window.BENCHMARK_DATA = {{"entries": {{"{}": [{{"commit": {{"id": "abc1234"}}, )"
                     R"("date": 1764065760000, "tool": "{}", "benches": {}}}]}}}})",
                     suite, tool, benches);
}

/// The values of a series; none where the run does not have it.
std::vector<double> values_of_series(const RunRecord& run, const std::string& benchmark,
                                     const std::string& metric) {
  for (const RunSeries& series : run.series) {
    if (series.benchmark == benchmark && series.metric == metric) return series.values;
  }
  return {};
}

TEST(SecondsOfUnit, ReadsTimesWhateverTheyArePer) {
  EXPECT_EQ(seconds_of_unit("ns/iter"), 1e-9);
  EXPECT_EQ(seconds_of_unit("us/op"), 1e-6);
  EXPECT_EQ(seconds_of_unit("µs"), 1e-6);
  EXPECT_EQ(seconds_of_unit(" MS per call "), 1e-3);
  EXPECT_EQ(seconds_of_unit("sec"), 1.0);
  for (const char* other : {"", "ops/s", "B/op", "MB/s", "%", "items", "/s", "m"})
    EXPECT_EQ(seconds_of_unit(other), std::nullopt) << other;
}

TEST(MetricOfUnit, IsInLowerSnakeCase) {
  EXPECT_EQ(metric_of_unit("MB/s"), "mb_per_s");
  EXPECT_EQ(metric_of_unit("iter/sec"), "iter_per_sec");
  EXPECT_EQ(metric_of_unit("allocs/op"), "allocs_per_op");
  EXPECT_EQ(metric_of_unit("% of peak"), "percent_of_peak");
  EXPECT_EQ(metric_of_unit("<b>ops</b>"), "b_ops_per_b");
  EXPECT_EQ(metric_of_unit(""), "value");
  EXPECT_EQ(metric_of_unit("±"), "value");
  EXPECT_EQ(metric_of_unit("Real time"), "value_real_time");
}

TEST(ImportGithubActionBenchmark, TakesEachEntryAsARunOfItsCommit) {
  const Imported imported = imported_from(sample_data());
  EXPECT_THAT(imported.problems, IsEmpty());
  ASSERT_THAT(imported.runs, SizeIs(3));
  const RunRecord& run = imported.runs[0];
  EXPECT_EQ(run.started, "2025-11-24T09:10:00Z");
  EXPECT_EQ(run.branch, "trunk");
  EXPECT_EQ(run.commit.hash, std::string(40, '1'));
  EXPECT_EQ(run.commit.subject, "Copy in blocks");
  EXPECT_EQ(run.commit.number, 3);
  EXPECT_EQ(run.machine_fingerprint, "");
  EXPECT_FALSE(run.failed());
}

TEST(ImportGithubActionBenchmark, TakesGoogleBenchmarksRepetitionsAsOneProcessAndLeavesAggregates) {
  const Imported imported = imported_from(sample_data());
  const RunRecord& run = imported.runs.at(0);
  EXPECT_THAT(values_of_series(run, "BM_copy/8", "real_time"), ElementsAre(DoubleEq(11e-9)));
  EXPECT_THAT(values_of_series(run, "BM_copy/8", "cpu_time"), ElementsAre(DoubleEq(10.5e-9)));
  EXPECT_THAT(values_of_series(run, "BM_sort_mean", "real_time"), ElementsAre(DoubleEq(2e-3)));
  EXPECT_THAT(values_of_series(run, "BM_sort_median", "real_time"), ElementsAre(DoubleEq(2.5e-3)));
  EXPECT_THAT(run.series, SizeIs(6));
  EXPECT_THAT(imported.notes, Contains(HasSubstr("5 values of 'data.js' left out: aggregates")));
}

TEST(ImportGithubActionBenchmark, KeepsABenchmarkThatIsOnlyNamedLikeAnAggregate) {
  const Imported imported =
      imported_from(data_of(R"([{"name": "BM_take", "value": 1, "unit": "ns/iter"}, )"
                            R"({"name": "BM_take_mean", "value": 2, "unit": "ns/iter"}])",
                            "googlecpp"));
  EXPECT_THAT(values_of_series(imported.runs.at(0), "BM_take_mean", "real_time"),
              ElementsAre(DoubleEq(2e-9)));
}

TEST(ImportGithubActionBenchmark, KeepsTwoSuitesApartAndNamesMetricsAfterUnits) {
  const Imported imported = imported_from(sample_data());
  const RunRecord& run = imported.runs.at(2);
  EXPECT_THAT(values_of_series(run, "Go/BenchmarkCopy", "real_time"), ElementsAre(DoubleEq(250e-9)));
  EXPECT_THAT(values_of_series(run, "Go/BenchmarkCopy - B/op", "b_per_op"), ElementsAre(64));
  EXPECT_THAT(values_of_series(run, "Go/BenchmarkRate", "mb_per_s"), ElementsAre(12.5));
  EXPECT_THAT(imported.notes, Contains(HasSubstr("'MB/s' are the metric 'mb_per_s'")));
  EXPECT_THAT(imported.notes, Contains(HasSubstr("'B/op' are the metric 'b_per_op'")));
}

TEST(ImportGithubActionBenchmark, LeavesMarkupInNamesAsItIs) {
  const RunRecord run = imported_from(sample_data()).runs.at(1);
  EXPECT_THAT(values_of_series(run, "BM_of<b>|`x`", "real_time"), ElementsAre(1));
  EXPECT_EQ(run.commit.subject, "Sort by <script>alert(1)</script>");
}

TEST(ImportGithubActionBenchmark, GivesTheSameRunTheSameId) {
  const Imported first = imported_from(sample_data());
  const Imported second = imported_from(sample_data());
  for (std::size_t i = 0; i < first.runs.size(); ++i) EXPECT_EQ(first.runs[i].id, second.runs[i].id);
  EXPECT_NE(first.runs[0].id, first.runs[2].id);
}

TEST(ImportGithubActionBenchmark, ReadsTheJsonAloneAndASemicolonBehindIt) {
  const std::string data = data_of(R"([{"name": "A", "value": 1, "unit": "s"}])");
  EXPECT_THAT(imported_from(data + ";\n").runs, SizeIs(1));
  EXPECT_THAT(imported_from("\xef\xbb\xbf" + data.substr(data.find('{'))).runs, SizeIs(1));
  EXPECT_TRUE(looks_like_github_action_data("\n" + data));
  EXPECT_FALSE(looks_like_github_action_data("{}"));
}

TEST(ImportGithubActionBenchmark, KeepsTheEntriesBeforeACut) {
  const std::string data = sample_data();
  const Imported imported = imported_from(data.substr(0, data.find("BenchmarkRate")));
  EXPECT_THAT(imported.runs, SizeIs(2));
  EXPECT_THAT(imported.problems, ElementsAre(testing::AllOf(HasSubstr("'data.js' is cut off at byte "),
                                                            HasSubstr("the 2 entries before were kept"))));
  for (const std::size_t size : {22U, 25U, 40U, 120U, 300U}) {
    const Imported early = imported_from(data.substr(0, size));
    EXPECT_THAT(early.runs, IsEmpty()) << size;
    EXPECT_THAT(early.problems, SizeIs(1)) << size;
  }
}

TEST(ImportGithubActionBenchmark, EveryCutIsAProblemOrLosesNothing) {
  const std::string data = sample_data();
  for (std::size_t size = 0; size < data.find_last_of('}'); size += 7) {
    const Imported imported = imported_from(data.substr(0, size));
    EXPECT_THAT(imported.problems, SizeIs(1)) << size;
  }
}

TEST(ImportGithubActionBenchmark, SaysWhatIsWrongWithOtherText) {
  const auto problem = [](const std::string& text) {
    const Imported imported = imported_from(text);
    EXPECT_THAT(imported.runs, IsEmpty()) << text;
    return imported.problems.empty() ? "" : imported.problems.front();
  };
  EXPECT_THAT(problem(""), HasSubstr("does not start with 'window.BENCHMARK_DATA = {'"));
  EXPECT_THAT(problem("hello"), HasSubstr("does not start with"));
  EXPECT_THAT(problem("window.BENCHMARK_DATA = hello"),
              HasSubstr("is not valid JSON: unexpected text at byte 24"));
  EXPECT_THAT(problem("{}"), HasSubstr("has no 'entries'"));
  EXPECT_THAT(problem(R"({"entries": {}})"), HasSubstr("holds no entry"));
  EXPECT_THAT(problem(R"({"entries": []})"), HasSubstr("is not valid JSON"));
  EXPECT_THAT(problem(R"({"entries": {"A": [7]}})"),
              HasSubstr("Entry 1 of the suite 'A' in 'data.js' is no JSON object"));
  EXPECT_THAT(problem(R"({"entries": {"A": [{"date": 1}]}})"), HasSubstr("has no list 'benches'"));
  EXPECT_THAT(problem(R"({"entries": {"A": [{"benches": []}]}})"), HasSubstr("neither a 'date'"));
  EXPECT_THAT(problem(R"({"entries": {"A": [{"date": 1e300, "benches": []}]}})"),
              HasSubstr("neither a 'date'"));
  EXPECT_THAT(problem(R"({"entries": {"A": [{"date": 1, "benches": []}]}})"), HasSubstr("holds no value"));
  EXPECT_THAT(problem(R"({"entries": {"A": [{"date": tru}]}})"), HasSubstr("is not valid JSON"));
}

TEST(ImportGithubActionBenchmark, KeepsTheOtherEntriesBesideABadOne) {
  const Imported imported = imported_from(
      R"({"entries": {"A": [{"date": 1}, {"date": 2, "benches": [{"name": "x", "value": 1, "unit": "s"}]}]}})");
  EXPECT_THAT(imported.runs, SizeIs(1));
  EXPECT_THAT(imported.problems, SizeIs(1));
}

TEST(ImportGithubActionBenchmark, FailsWhatHasNoFiniteValue) {
  const Imported imported = imported_from(data_of(
      R"([{"name": "A", "value": NaN, "unit": "s"}, {"name": "B", "value": "Infinity", "unit": "s"}, )"
      R"({"name": "C", "value": 2, "unit": "s"}, {"value": 3, "unit": "s"}, 7])"));
  const RunRecord& run = imported.runs.at(0);
  EXPECT_THAT(run.series, SizeIs(1));
  ASSERT_THAT(run.failures, SizeIs(2));
  EXPECT_EQ(run.failures[0].reason, "it has no finite value");
  EXPECT_THAT(imported.notes, Contains(HasSubstr("2 values of 'data.js' left out: without a name")));
}

TEST(ImportGithubActionBenchmark, SaysWhereDatesGoBackwards) {
  const std::string benches = R"("benches": [{"name": "x", "value": 1, "unit": "s"}]})";
  const Imported imported = imported_from(R"({"entries": {"A": [{"date": 2000000, )" + benches +
                                          R"(, {"date": 1000000, )" + benches + "]}}");
  EXPECT_THAT(imported.runs, SizeIs(2));
  EXPECT_THAT(imported.notes,
              ElementsAre(HasSubstr("In 'data.js' 1 entry is dated before the one in front")));
}

TEST(ImportGithubActionBenchmark, FindsAgainWhatTheExportWrote) {
  RunRecord run = exchange_run();
  for (const Better better : {Better::lower, Better::higher}) {
    const Imported imported = imported_from(data_of(export_github_action_benchmark(run, {}, better)));
    EXPECT_THAT(imported.problems, IsEmpty());
    EXPECT_THAT(imported.notes, IsEmpty());
    for (const RunSeries& series : run.series) {
      if (default_rule(series.metric).better != better) continue;
      EXPECT_THAT(values_of_series(imported.runs.at(0), series.benchmark, series.metric),
                  ElementsAre(exported_value(series).median))
          << series.benchmark << " " << series.metric;
    }
  }
}

}  // namespace
}  // namespace trainbench::report::history
