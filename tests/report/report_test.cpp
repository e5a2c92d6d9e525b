#include "report/run/report.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "report/results/read_results.hpp"
#include "src/base/files.hpp"
#include "tests/report/rendered.hpp"
#include "tests/report/testdata_path.hpp"

namespace trainbench::report {
namespace {

using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

/// Reports name their sources as they were given: relative to the folder of the inputs, here.
class Report : public testing::Test {
 protected:
  void SetUp() override {
    before_ = fs::current_path();
    fs::current_path(testdata(""));
  }
  void TearDown() override { fs::current_path(before_); }

 private:
  fs::path before_;
};

void expect_golden(const std::string& name, const std::string& actual) {
  if (std::getenv("UPDATE_GOLDEN") != nullptr) write_file_atomically(testdata(name), actual);
  EXPECT_EQ(actual, read_file(testdata(name))) << name;
}

/// Columns of a row: its borders that are not escaped, less one.
std::size_t num_cells(const std::string& line) {
  std::size_t borders = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == '|') {
      ++borders;
    }
  }
  return borders - 1;
}

void expect_rectangular_tables(const std::string& markdown) {
  std::istringstream lines(markdown);
  std::string line;
  std::size_t cells = 0;  // of the table that goes on; 0 outside
  while (std::getline(lines, line)) {
    if (!line.starts_with('|')) {
      cells = 0;
      continue;
    }
    if (cells == 0) cells = num_cells(line);
    EXPECT_EQ(num_cells(line), cells) << line;
    EXPECT_TRUE(line.ends_with('|')) << line;
  }
}

void expect_every_section_says_what_to_do(const std::string& markdown) {
  std::istringstream lines(markdown);
  std::string line;
  while (std::getline(lines, line)) {
    if (!line.starts_with("## ")) continue;
    const std::string title = line;
    std::getline(lines, line);
    std::getline(lines, line);
    EXPECT_TRUE(line.starts_with("Action required: ") || line.starts_with("Informational: ")) << title;
  }
}

TEST_F(Report, MeetsTheGoldenFiles) {
  for (const char* name : {"google_benchmark_1_7_1.json", "google_benchmark_1_9_5.json", "interrupted.ndjson",
                           "whole.ndjson", "invented_gpu_run.ndjson"}) {
    const std::vector<ResultSet> runs = {read_results(name)};
    const auto chart = chart_of(group_series(runs), 1);
    const std::string stem = fs::path(name).stem().string();
    const std::string svg = stem + "-" + chart->suffix + ".svg";
    const std::string markdown = rendered(runs, {.max_rows = 200, .chart_stem = stem});
    expect_golden(stem + ".md", markdown);
    expect_golden(svg, render_svg(chart->chart));
    for (const SweepChart& sweep : sweep_charts_of(group_series(runs), 1))
      expect_golden(chart_name(stem, sweep.suffix), render_svg(sweep.chart));
    expect_rectangular_tables(markdown);
    expect_every_section_says_what_to_do(markdown);
  }
}

TEST_F(Report, OfSeveralRunsMeetsTheGoldenFile) {
  const std::vector<ResultSet> runs = {read_results("whole.ndjson"), read_results("interrupted.ndjson"),
                                       read_results("google_benchmark_1_9_5.json")};
  const std::string markdown = rendered(runs);
  expect_golden("several.md", markdown);
  expect_rectangular_tables(markdown);
  expect_every_section_says_what_to_do(markdown);
  EXPECT_THAT(markdown, Not(HasSubstr(".svg")));
}

Row ok_row(const std::string& benchmark, double throughput) {
  Row row;
  row.benchmark = benchmark;
  row.metrics["images_per_second"] = throughput;
  return row;
}

TEST(ReportOfHostileText, CannotBreakOutOfItsCell) {
  const std::string hostile = "x|y`z\n## Fake\n<script>alert(1)</script> *b* [l](http://h) $m$ \\";
  ResultSet run;
  run.source = hostile;
  run.commit = hostile;
  run.preset = hostile;
  run.faults = {hostile};
  run.machine = {{hostile, hostile}};
  run.noted = {{hostile, hostile}};
  Row row = ok_row(hostile + "/" + hostile + ":1", 1);
  row.metrics[hostile] = 2;
  row.warnings = {hostile};
  row.injected = hostile;
  row.measurement = {{hostile, hostile}, {"data_set", hostile}};
  row.epochs = {{.epoch = 1, .mean_loss = 1, .test_accuracy = 1, .seconds = 1}};
  Row failed = row;
  failed.status = CaseStatus::failed;
  failed.reason = hostile;
  run.rows = {row, failed};
  const std::vector<ResultSet> runs = {run};
  const std::string markdown = rendered(runs, {.max_rows = 200, .chart_stem = "a b)<c>"});
  expect_rectangular_tables(markdown);
  expect_every_section_says_what_to_do(markdown);
  EXPECT_THAT(markdown, Not(HasSubstr("<script>")));
  EXPECT_THAT(markdown, Not(HasSubstr("\n## Fake")));
  EXPECT_THAT(markdown, Not(HasSubstr("l](http")));
  EXPECT_THAT(markdown, HasSubstr("](a%20b%29%3Cc%3E-throughput.svg)"));
}

TEST(ReportOfManyRows, CutsEveryTableAndSaysHowToSeeTheRest) {
  ResultSet run;
  for (int i = 0; i < 300; ++i) run.rows.push_back(ok_row(fmt::format("A/{}", i), i + 1));
  for (int i = 0; i < 50; ++i) run.rows.push_back(ok_row(fmt::format("F{}", i), i + 1));
  const std::vector<ResultSet> runs = {run};
  const std::string cut = rendered(runs, {.max_rows = 200, .chart_stem = ""});
  EXPECT_THAT(cut, HasSubstr("## All benchmarks"));
  EXPECT_THAT(cut, HasSubstr("150 more rows are not shown: `--rows=all` shows them."));
  EXPECT_THAT(rendered(runs, {.max_rows = std::nullopt, .chart_stem = ""}), Not(HasSubstr("not shown")));
  EXPECT_EQ(chart_of(group_series(runs), 1)->chart.bars.size(), 40U);
}

TEST(ReportSummary, RefusesToRankWhatTheNoiseCannotTellApart) {
  ResultSet run;
  for (const double noise : {0.0, 1.0, 2.0, 3.0, 4.0}) {
    run.rows.push_back(ok_row("A", 100 + noise));
    run.rows.push_back(ok_row("B", 100.5 + noise));
    run.rows.push_back(ok_row("C", 200 + noise));
  }
  run.rows.push_back(ok_row("D", 300));
  const std::vector<ResultSet> runs = {run};
  const std::string markdown = rendered(runs);
  EXPECT_THAT(markdown, HasSubstr("1x (reference)"));
  EXPECT_THAT(markdown, HasSubstr("not told apart (0.98x to 1.03x)"));
  EXPECT_THAT(markdown, HasSubstr("1.98x ("));
  EXPECT_THAT(markdown, HasSubstr("2.94x (n = 1 against 5: too few for an interval)"));
}

TEST(ReportSummary, ShowsTheFastestOfEachFamilyWhereThereAreTooMany) {
  ResultSet run;
  for (int i = 1; i <= 7; ++i) run.rows.push_back(ok_row(fmt::format("A/batch:{}", i), i == 3 ? 50 : i));
  run.rows.push_back(ok_row("B", 1));
  const std::vector<ResultSet> runs = {run};
  const std::string markdown = rendered(runs);
  const std::string summary = markdown.substr(0, markdown.find("## A"));
  EXPECT_THAT(summary, HasSubstr(" A/batch:3 |"));
  EXPECT_THAT(summary, Not(HasSubstr("A/batch:4")));
  EXPECT_THAT(summary, HasSubstr("the fastest of each family is shown"));
}

TEST(ReportSummary, WarnsOfInjectedFaultsAndNoise) {
  ResultSet run;
  run.rows = {ok_row("A", 100), ok_row("A", 150), ok_row("A", 200)};
  std::vector<ResultSet> runs = {run};
  EXPECT_THAT(rendered(runs), HasSubstr("the throughput of 1 of 1 experiments varies by more than 5 %"));
  runs[0].rows[1].injected = "slow:20";
  EXPECT_THAT(rendered(runs), HasSubstr("Action required: a fault was injected (slow:20)"));
}

TEST(ReportSummary, SetsTrainingBesideTrainingOnly) {
  ResultSet run;
  run.rows = {ok_row("Exp1", 100), ok_row("Loader_CPU", 20000), ok_row("Harness_NullStep", 2e9)};
  run.rows[0].measurement["kind"] = "training";
  run.rows[1].measurement["kind"] = "loading";
  run.rows[2].measurement["kind"] = "overhead";
  run.rows[2].metrics["step_time_ms"] = 0.00025;
  const std::vector<ResultSet> runs = {run};
  const std::string markdown = rendered(runs);
  const std::string summary = markdown.substr(0, markdown.find("## Exp1"));
  EXPECT_THAT(summary, Not(HasSubstr("Loader_CPU")));
  EXPECT_THAT(summary, Not(HasSubstr("Harness_NullStep")));
  EXPECT_THAT(summary, HasSubstr("Rows of the kind loading, overhead do other work"));
  EXPECT_THAT(markdown, HasSubstr("## Loader_CPU"));
  EXPECT_THAT(markdown, HasSubstr("250.0 ns"));
  EXPECT_EQ(chart_of(group_series(runs), 1)->chart.bars.size(), 1U);
}

std::string comparable_cell(const std::vector<ResultSet>& runs) {
  const std::string markdown = rendered(runs);
  const std::string title = "… comparable with the study | ";
  const std::size_t begin = markdown.find(title) + title.size();
  const std::string cell = markdown.substr(begin, markdown.find(" |", begin) - begin);
  return cell.substr(std::min(cell.find_first_not_of(' '), cell.size()));
}

TEST(ReportSummary, CallsOnlyTheWholeStudyComparableWithIt) {
  ResultSet study;
  study.preset = "full";
  study.rows = {ok_row("A", 100)};
  study.rows[0].metrics["test_accuracy"] = 70;
  study.rows[0].metrics["epoch_extrapolated"] = 0;
  study.rows[0].measurement = {{"data_set", "cifar10"}, {"length", "5 epochs"}, {"test_images", "10000"}};
  const auto but = [&](const auto& change) {
    ResultSet changed = study;
    change(changed, changed.rows[0]);
    return comparable_cell({changed});
  };
  EXPECT_EQ(comparable_cell({study}), "yes");
  EXPECT_EQ(but([](ResultSet& run, Row&) { run.preset = "quick"; }), "no: preset quick");
  EXPECT_EQ(but([](ResultSet& run, Row&) { run.preset = ""; }), "no: preset unknown");
  EXPECT_EQ(but([](ResultSet&, Row& row) { row.measurement["data_set"] = "synthetic"; }),
            "no: data set synthetic");
  EXPECT_EQ(but([](ResultSet&, Row& row) { row.measurement["length"] = "1 epochs"; }),
            "no: trained for 1 epochs");
  EXPECT_EQ(but([](ResultSet&, Row& row) { row.measurement.erase("length"); }), "no: trained for unknown");
  EXPECT_EQ(but([](ResultSet&, Row& row) { row.metrics["epoch_extrapolated"] = 1; }),
            "no: epoch time extrapolated");
  EXPECT_EQ(but([](ResultSet&, Row& row) { row.metrics.erase("epoch_extrapolated"); }),
            "no: unknown whether whole epochs ran");
  EXPECT_EQ(but([](ResultSet&, Row& row) { row.measurement["test_images"] = "500"; }), "no: test images 500");
  EXPECT_EQ(but([](ResultSet&, Row& row) { row.injected = "slow:20"; }), "no: injected slow:20");
}

TEST(ReportOfInjectedFaults, SaysEachOnce) {
  ResultSet run;
  run.rows = {ok_row("A", 100)};
  run.rows[0].injected = "slow:20";
  run.rows[0].warnings = {"A fault was injected on purpose: slow:20.", "It drifts."};
  const std::string markdown = rendered({run});
  EXPECT_THAT(markdown, HasSubstr("- A fault was injected: slow:20. (1 row)"));
  EXPECT_THAT(markdown, HasSubstr("- It drifts. (1 row)"));
  EXPECT_THAT(markdown, Not(HasSubstr("on purpose")));
}

TEST(ReportOfARun, ShowsItsCommandItsNotesAndItsFingerprint) {
  ResultSet run;
  run.rows = {ok_row("A", 100)};
  run.command = "bench '--benchmark_filter=A|B'";
  run.notes = {"3 rows of aggregates left out."};
  run.machine_fingerprint = "f00";
  const std::string markdown = rendered({run});
  EXPECT_THAT(markdown, HasSubstr("- Command: bench '--benchmark_filter=A\\|B'\n"));
  EXPECT_THAT(markdown, HasSubstr("- 3 rows of aggregates left out.\n"));
  EXPECT_THAT(markdown, HasSubstr("Machine fingerprint: f00.\n"));
  EXPECT_THAT(markdown, HasSubstr("Informational: one run, whole."));
}

TEST(ReportOfHugeAndBlank, StaysReadable) {
  ResultSet run;
  run.rows = {ok_row("", 1e308), ok_row("B", 1)};
  run.rows[0].real_seconds = 1e308;
  const std::string markdown = rendered({run});
  EXPECT_THAT(markdown, HasSubstr("## (unnamed)\n"));
  EXPECT_THAT(markdown, Not(HasSubstr("00000000000000000000")));
  EXPECT_THAT(markdown, HasSubstr("1e+308 images/s"));
}

TEST(ReportOfNothing, IsStillAReport) {
  const std::vector<ResultSet> runs(1);
  const std::string markdown = rendered(runs);
  expect_every_section_says_what_to_do(markdown);
  EXPECT_THAT(markdown, HasSubstr("Action required: the run holds no results"));
  EXPECT_THAT(markdown, Not(HasSubstr("every row has a result")));
  EXPECT_FALSE(chart_of(group_series(runs), 1));
}

}  // namespace
}  // namespace trainbench::report
