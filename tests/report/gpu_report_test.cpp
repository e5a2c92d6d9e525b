#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "report/results/read_results.hpp"
#include "report/run/report.hpp"
#include "tests/report/rendered.hpp"
#include "tests/report/testdata_path.hpp"

namespace trainbench::report {
namespace {

using testing::HasSubstr;
using testing::Not;

/// From the heading of the section that begins so to the next.
std::string section(const std::string& markdown, const std::string& title) {
  const std::size_t begin = markdown.find("## " + title);
  if (begin == std::string::npos) return "";
  return markdown.substr(begin, markdown.find("\n## ", begin) - begin);
}

Row row(const std::string& benchmark, const Metrics& metrics) {
  Row result;
  result.benchmark = benchmark;
  result.metrics = metrics;
  return result;
}

TEST(InventedGpuRun, KeepsTheStudysColumnsAndSetsTheLadderBelow) {
  const std::string markdown = rendered({read_results(testdata("invented_gpu_run.ndjson"))});
  const std::string summary = section(markdown, "Summary");
  const std::string columns = summary.substr(0, summary.find("The other experiments"));
  for (const char* name : {"Exp1_CPU_1T", "Exp2_CPU_NT", "Exp3_GPU_FP32", "Exp4_GPU_AMP_Sweep/batch:512",
                           "Exp5_GPU_AMP/batch:256"})
    EXPECT_THAT(columns, HasSubstr(name));
  EXPECT_THAT(columns, Not(HasSubstr("Step_GPU")));
  EXPECT_THAT(summary, HasSubstr("| Step_GPU_AMP_FP16_graph_device/batch:128 | 60,000.0 images/s ± 0.2 % | "
                                 "300.00x (298.51x to 301.50x) | 500.0 MiB"));
}

TEST(InventedGpuRun, KeepsOutOfMemoryAsARowOfTheSweep) {
  const std::string markdown = rendered({read_results(testdata("invented_gpu_run.ndjson"))});
  EXPECT_THAT(section(markdown, "Sweep: Exp4_GPU_AMP_Sweep"),
              HasSubstr("| skipped: OOM at batch 4096, peak reserved 77.2 GiB |"));
}

TEST(ReportSummary, ShowsTheStudysAccuracyOnlyWhereItMayBeCompared) {
  ResultSet run;
  run.preset = "full";
  run.rows = {row("Exp1_CPU_1T/batch:128",
                  {{"images_per_second", 200}, {"test_accuracy", 69}, {"epoch_extrapolated", 0}})};
  run.rows[0].measurement = {{"data_set", "cifar10"}, {"length", "5 epochs"}, {"test_images", "10000"}};
  EXPECT_THAT(section(rendered({run}), "Summary"), HasSubstr("\\~43 %"));
  run.preset = "quick";
  EXPECT_THAT(section(rendered({run}), "Summary"), Not(HasSubstr("\\~43 %")));
  EXPECT_THAT(section(rendered({run}), "Summary"), HasSubstr("\\~180 images/s"));
}

TEST(ReportSummary, ShowsTheStudysFiguresAtItsBatchOnly) {
  ResultSet run;
  run.rows = {row("Exp3_GPU_FP32/batch:512", {{"images_per_second", 200}}), row("F", {{"x", 1}})};
  EXPECT_THAT(section(rendered({run}), "Summary"), Not(HasSubstr("5,200")));
  run.rows[0].benchmark = "Exp3_GPU_FP32/batch:128";
  EXPECT_THAT(section(rendered({run}), "Summary"), HasSubstr("\\~5,200 images/s"));
}

TEST(ReportOfAForeignRun, HasNoClaims) {
  ResultSet run;
  run.rows = {row("BM_sort/batch:1", {{"items_per_second", 5}})};
  EXPECT_EQ(section(rendered({run}), "The study's claims"), "");
}

TEST(ReportOfSeveralRuns, HoldsTheClaimsAgainstEach) {
  const ResultSet run = read_results(testdata("invented_gpu_run.ndjson"));
  const std::string claims = section(rendered({run, run}), "The study's claims");
  EXPECT_THAT(claims, HasSubstr("\n|   1 | A GPU with AMP"));
  EXPECT_THAT(claims, HasSubstr("\n|   2 | A GPU with AMP"));
}

TEST(GpuSection, NamesAmpsSavingAtTheSameBatchOnly) {
  ResultSet run;
  for (int i = 0; i < 3; ++i) {
    run.rows.push_back(row("Step_GPU_FP32_eager_host/batch:64", {{"gpu_peak_allocated_mib", 100}}));
    run.rows.push_back(row("Step_GPU_AMP_BF16_eager_host/batch:64", {{"gpu_peak_allocated_mib", 60}}));
    run.rows.push_back(row("Step_GPU_AMP_FP16_eager_host/batch:128", {{"gpu_peak_allocated_mib", 50}}));
  }
  const std::string gpu = section(rendered({run}), "GPU: ");
  EXPECT_THAT(gpu, HasSubstr("- Step_GPU_AMP_BF16_eager_host/batch:64 against "
                             "Step_GPU_FP32_eager_host/batch:64: 60.0 MiB allocated against 100.0 MiB, "
                             "40.0 % less (40.0 % to 40.0 %).\n"));
  EXPECT_THAT(gpu, Not(HasSubstr("AMP_FP16")));
}

TEST(GpuSection, ComputesRunAheadWhereTheRowDoesNotStateIt) {
  ResultSet run;
  run.rows = {row("A", {{"step_time_ms", 30}, {"synced_step_time_ms", 40}}),
              row("B", {{"step_time_ms", 30}, {"synced_step_time_ms", 40}, {"run_ahead_percent", 12}})};
  const std::string gpu = section(rendered({run}), "GPU: ");
  EXPECT_THAT(gpu, HasSubstr("| A         |       30.00 ms |    40.00 ms |    25.0 % |   1 |"));
  EXPECT_THAT(gpu, HasSubstr("| B         |       30.00 ms |    40.00 ms |    12.0 % |   1 |"));
}

TEST(EnvironmentSection, ShowsWhatTheRepetitionsNotedAsRanges) {
  ResultSet run;
  run.rows = {row("A", {{"x", 1}}), row("A", {{"x", 1}}), row("B", {{"x", 1}})};
  run.rows[0].noted = {{"sm_clock", "1980 MHz"}, {"throttle", "none"}};
  run.rows[1].noted = {{"sm_clock", "990 MHz"}, {"throttle", "power cap"}};
  const std::string environment = section(rendered({run}), "Environment");
  EXPECT_THAT(environment, HasSubstr("| A         | 990 to 1980 MHz | none, power cap |"));
  EXPECT_THAT(environment, Not(HasSubstr("| B ")));
}

TEST(ReportOfManySweeps, ShowsTwelveAndNamesTheirChartsApart) {
  ResultSet run;
  for (std::size_t family = 0; family < 13; ++family) {
    for (const int batch : {1, 2, 3})
      run.rows.push_back(row(fmt::format("F{}+{}/batch:{}", family % 2, std::string(family, '+'), batch),
                             {{"images_per_second", batch}}));
  }
  const std::vector<ResultSet> runs = {run};
  const auto charts = sweep_charts_of(group_series(runs), 1);
  std::set<std::string> names;
  for (const SweepChart& chart : charts) names.insert(chart.suffix);
  EXPECT_EQ(charts.size(), 12U);
  EXPECT_EQ(names.size(), 12U);
  const std::string markdown = rendered(runs, {.chart_stem = "r"});
  EXPECT_THAT(markdown, HasSubstr("\n1 more sweeps over batch are not shown.\n"));
  EXPECT_THAT(markdown, HasSubstr("](r-sweep-F0-.svg)"));
  EXPECT_THAT(markdown, HasSubstr("](r-sweep-F0--2.svg)"));
}

}  // namespace
}  // namespace trainbench::report
