#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/history/exchange/export_formats.hpp"
#include "src/base/json.hpp"
#include "tests/report/history_exchange/exchange_run.hpp"

namespace trainbench::report::history {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

json::value parsed_export(const std::string& text) {
  EXPECT_THAT(text, EndsWith("\n"));
  return parse_json(text, "the export");
}

/// A series of one benchmark's time, a point for each value, with what is known of two of its commits.
SeriesHistory exported_history(const std::vector<double>& seconds) {
  SeriesHistory series{.key = {"BM_a, \"b\"", "real_time", "m", "", "main"}, .points = {}};
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    Point point{.run_id = fmt::format("run{}", i),
                .started = "2026-01-02T03:04:05Z",
                .commit = {.hash = "abc1234", .subject = "", .number = std::nullopt},
                .value = seconds[i],
                .low = seconds[i] / 2,
                .high = seconds[i] * 2,
                .num_values = 3};
    if (i == 0) point.commit.number = 7;
    series.points.push_back(std::move(point));
  }
  return series;
}

AnalysedSeries analysed_history(const std::vector<double>& seconds) {
  AnalysedSeries series{
      .history = exported_history(seconds), .rule = default_rule("real_time"), .analysis = {}};
  series.analysis = analyse(series.history, series.rule, {});
  return series;
}

TEST(ExportBencher, WritesMedianAndExtremesOfEachMeasure) {
  const std::string text = export_bencher(exchange_run());
  expect_golden("bencher.json", text);
  const json::value value = parsed_export(text);
  const json::object& time = value.at("BM_a/8").at("real_time").as_object();
  EXPECT_DOUBLE_EQ(time.at("value").to_number<double>(), 0.0011);
  EXPECT_DOUBLE_EQ(time.at("lower_value").to_number<double>(), 0.001);
  EXPECT_DOUBLE_EQ(time.at("upper_value").to_number<double>(), 0.0012);
  EXPECT_FALSE(value.at("BM_a/8").at("cpu_time").as_object().contains("lower_value"));
}

TEST(ExportBencher, WritesASeriesThatWasMeasuredInTwoWaysOnce) {
  RunRecord run = exchange_run();
  run.series = {run.series[0], run.series[0]};
  run.series[1].measurement_fingerprint = "other";
  run.series[1].values = {9};
  EXPECT_THAT(export_bencher(run), Not(HasSubstr("9")));
}

TEST(ExportGithubActionBenchmark, WritesMetricsOfOneDirection) {
  const std::string smaller = export_github_action_benchmark(exchange_run(), {}, Better::lower);
  expect_golden("github_action_benchmark.json", smaller);
  const std::string bigger = export_github_action_benchmark(exchange_run(), {}, Better::higher);
  expect_golden("github_action_benchmark_bigger.json", bigger);
  const json::value entries = parsed_export(bigger);
  ASSERT_EQ(entries.as_array().size(), 1U);
  EXPECT_EQ(entries.at(0).at("unit").as_string(), "images/s");
  EXPECT_EQ(entries.at(0).at("range").as_string(), "± 6.25");
  EXPECT_THAT(smaller, Not(HasSubstr("images_per_second")));
  EXPECT_THAT(smaller + bigger, Not(HasSubstr("widgets")));
}

TEST(ExportGithubActionBenchmark, TakesTheDirectionOfACounterFromThePolicy) {
  const Policy policy = parse_policy(R"({"policy": 1, "metrics": {"widgets": {"better": "lower"}}})", "p");
  EXPECT_THAT(export_github_action_benchmark(exchange_run(), policy, Better::lower),
              HasSubstr("\"name\": \"BM_a/8 widgets\", \"unit\": \"widgets\", \"value\": 3"));
}

TEST(ExportPytorchHud, WritesOneRecordOfSchema3ForEachSeries) {
  const std::string text = export_pytorch_hud(exchange_run());
  expect_golden("pytorch_hud.json", text);
  const json::value records = parsed_export(text);
  ASSERT_EQ(records.as_array().size(), exchange_run().series.size());
  const json::object& record = records.at(4).as_object();
  EXPECT_EQ(record.at("schema_version").as_string(), "v3");
  EXPECT_EQ(record.at("timestamp").to_number<double>(), 1767323045);
  EXPECT_EQ(record.at("benchmark").at("name").as_string(), "Exp1");
  EXPECT_EQ(record.at("benchmark").at("dtype").as_string(), "amp");
  EXPECT_EQ(record.at("benchmark").at("extra_info").at("batch").as_string(), "128");
  EXPECT_EQ(record.at("model").at("name").as_string(), "Exp1/batch:128/precision:amp");
  EXPECT_EQ(record.at("metric").at("benchmark_values").as_array().size(), 2U);
  EXPECT_EQ(record.at("runners").at(0).at("cpu_count").to_number<double>(), 8);
  EXPECT_FALSE(record.at("runners").at(0).as_object().contains("gpu_info"));
}

TEST(ExportPytorchHud, LeavesOutWhatIsNotKnown) {
  RunRecord run;
  run.series.push_back(
      {.benchmark = "BM_a", .metric = "real_time", .measurement_fingerprint = "", .values = {1}});
  const json::value records = parsed_export(export_pytorch_hud(run));
  for (const char* member : {"timestamp", "head_branch", "head_sha"})
    EXPECT_FALSE(records.at(0).as_object().contains(member)) << member;
  EXPECT_FALSE(records.at(0).at("benchmark").as_object().contains("mode"));
}

TEST(ExportCsv, WritesALineForEachPointAndQuotesWhatNeedsIt) {
  EXPECT_EQ(csv_heading() + csv_lines(exported_history({0.25, 1e-9})),
            "benchmark,metric,branch,machine,measurement,run,started,commit,number,value,low,high,processes\n"
            "\"BM_a, \"\"b\"\"\",real_time,main,m,,run0,2026-01-02T03:04:05Z,abc1234,7,0.25,0.125,0.5,3\n"
            "\"BM_a, \"\"b\"\"\",real_time,main,m,,run1,2026-01-02T03:04:05Z,abc1234,,1e-09,5e-10,2e-09,3\n");
}

TEST(ExportShields, ShowsTheNewestValueOfASeries) {
  EXPECT_EQ(shields_of_value(analysed_history({0.002, 0.0025})),
            "{\"schemaVersion\": 1, \"label\": \"BM_a, \\\"b\\\" Time\", \"message\": \"2.500 ms\", "
            "\"color\": \"brightgreen\"}\n");
}

TEST(ExportShields, IsRedAfterARegressionAndBlueWhereNothingIsJudged) {
  std::vector<double> seconds;
  for (int i = 0; i < 40; ++i) seconds.push_back((i < 20 ? 1.0 : 1.5) + 0.001 * (i % 3));
  EXPECT_THAT(shields_of_value(analysed_history(seconds)), HasSubstr("\"color\": \"red\""));
  AnalysedSeries counter = analysed_history({1, 2});
  counter.history.key.metric = "widgets";
  counter.rule = default_rule("widgets");
  EXPECT_THAT(shields_of_value(counter), HasSubstr("\"message\": \"2\", \"color\": \"blue\""));
}

TEST(ExportShields, CountsRegressions) {
  EXPECT_EQ(shields_of_state(0),
            "{\"schemaVersion\": 1, \"label\": \"benchmarks\", \"message\": \"no regressions\", \"color\": "
            "\"brightgreen\"}\n");
  EXPECT_THAT(shields_of_state(1), HasSubstr("\"1 regression\", \"color\": \"red\""));
  EXPECT_THAT(shields_of_state(2), HasSubstr("\"2 regressions\""));
}

TEST(ExportedUnit, IsTheMetricsNameWhereItHasNone) {
  EXPECT_EQ(exported_unit("real_time"), "s");
  EXPECT_EQ(exported_unit("peak_rss_mib"), "MiB");
  EXPECT_EQ(exported_unit("ops_per_step"), "ops_per_step");
  EXPECT_EQ(exported_unit("bytes_per_second"), "B/s");
  EXPECT_EQ(exported_unit("widgets"), "widgets");
}

}  // namespace
}  // namespace trainbench::report::history
