#include "report/history/store/run_record.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "report/history/store/run_id.hpp"
#include "report/history/store/start_time.hpp"
#include "report/results/read_results.hpp"
#include "src/base/errors.hpp"
#include "tests/report/history/kept_runs.hpp"
#include "tests/report/testdata_path.hpp"

namespace trainbench::report::history {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

ResultSet results_with(std::vector<Row> rows, SourceKind kind = SourceKind::google_benchmark) {
  ResultSet results;
  results.source = "x.json";
  results.kind = kind;
  results.started = "2026-11-25T13:00:00+01:00";
  results.rows = std::move(rows);
  return results;
}

Row row_of(const std::string& benchmark, double real_seconds) {
  Row row;
  row.benchmark = benchmark;
  row.real_seconds = real_seconds;
  return row;
}

Row lost_row(const std::string& benchmark, CaseStatus status, const std::string& reason) {
  Row row;
  row.benchmark = benchmark;
  row.status = status;
  row.reason = reason;
  return row;
}

RunRecord recorded(const ResultSet& results) {
  return record_from(results, "main", {.hash = "abc1234", .subject = "", .number = 3});
}

std::string error_of(const std::string& text) {
  try {
    parse_run_file(text, "'x.ndjson'");
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), ExitCode::unreadable);
    return error.what();
  }
  return "no error";
}

TEST(RunRecord, RepetitionsInOneProcessOfAnotherProgramAreOneValueTheirMedian) {
  const RunRecord record =
      recorded(results_with({row_of("BM_a", 3), row_of("BM_b", 9), row_of("BM_a", 1), row_of("BM_a", 2)}));
  ASSERT_THAT(record.series, SizeIs(2));
  EXPECT_EQ(record.series[0].benchmark, "BM_a");
  EXPECT_EQ(record.series[0].metric, "real_time");
  EXPECT_EQ(record.series[0].measurement_fingerprint, "");
  EXPECT_THAT(record.series[0].values, ElementsAre(2.0));
  EXPECT_THAT(record.series[1].values, ElementsAre(9.0));
  EXPECT_EQ(record.started, "2026-11-25T12:00:00Z");
  EXPECT_EQ(record.commit.number, 3);
  EXPECT_EQ(record.branch, "main");
  EXPECT_FALSE(record.failed());
}

TEST(RunRecord, EachRepetitionOfBenchIsAProcess) {
  const ResultSet results = read_results(testdata("whole.ndjson"));
  const RunRecord record = recorded(results);
  EXPECT_EQ(record.id, "20260101T000000Z-abc1234");
  EXPECT_EQ(record.machine_fingerprint, fingerprint(results.machine));
  EXPECT_EQ(record.machine, results.machine);
  const auto series = std::find_if(record.series.begin(), record.series.end(), [](const RunSeries& one) {
    return one.benchmark == "Exp1_CPU_1T/batch:128" && one.metric == "images_per_second";
  });
  ASSERT_NE(series, record.series.end());
  EXPECT_THAT(series->values, ElementsAre(101.0, 100.0, 99.5, 100.5, 100.2));  // in the file's order
  const auto row = std::find_if(results.rows.begin(), results.rows.end(),
                                [](const Row& one) { return one.benchmark == "Exp1_CPU_1T/batch:128"; });
  EXPECT_EQ(series->measurement_fingerprint, fingerprint(row->measurement));
}

TEST(RunRecord, KeepsWhatFailedApart) {
  const RunRecord record = recorded(results_with({
      lost_row("BM_bad", CaseStatus::failed, "out of memory"),
      lost_row("BM_left", CaseStatus::skipped, "no GPU"),
      row_of("BM_once", 1),
      lost_row("BM_once", CaseStatus::failed, "crashed"),
      row_of("BM_cut", 1),
      lost_row("BM_cut", CaseStatus::skipped, "interrupted"),
  }));
  ASSERT_THAT(record.failures, SizeIs(3));
  EXPECT_EQ(record.failures[0].benchmark, "BM_bad");
  EXPECT_EQ(record.failures[0].status, "failed");
  EXPECT_EQ(record.failures[0].reason, "out of memory");
  EXPECT_EQ(record.failures[1].status, "skipped");
  EXPECT_EQ(record.failures[1].reason, "no GPU");
  EXPECT_EQ(record.failures[2].benchmark, "BM_once");
  EXPECT_EQ(record.failures[2].reason, "1 of 2 repetitions: crashed");
  EXPECT_THAT(record.series, SizeIs(2));
}

TEST(RunRecord, AnInjectedFaultIsNoValue) {
  Row row = row_of("BM_a", 1);
  row.injected = "slow:20";
  const RunRecord record = recorded(results_with({row}));
  EXPECT_THAT(record.series, IsEmpty());
  ASSERT_THAT(record.failures, SizeIs(1));
  EXPECT_EQ(record.failures[0].status, "failed");
  EXPECT_THAT(record.failures[0].reason, HasSubstr("the fault 'slow:20'"));
  EXPECT_TRUE(record.failed());
}

TEST(RunRecord, ABenchmarkWithoutAFiniteValueFailed) {
  const RunRecord record = recorded(results_with({row_of("BM_a", std::nan(""))}));
  EXPECT_THAT(record.series, IsEmpty());
  ASSERT_THAT(record.failures, SizeIs(1));
  EXPECT_EQ(record.failures[0].reason, "it has no finite value");
}

TEST(RunRecord, RepetitionsThatWereNotMeasuredAlikeAreNoOneSeries) {
  std::vector<Row> rows(3);
  for (Row& row : rows) {
    row.benchmark = "Exp1";
    row.metrics = {{"step_time_ms", 5.0}};
    row.measurement = {{"threads", "2"}};
  }
  rows[1].measurement["threads"] = "4";
  const RunRecord record = recorded(results_with(rows, SourceKind::journal));
  ASSERT_THAT(record.series, SizeIs(2));
  EXPECT_EQ(record.series[0].benchmark, record.series[1].benchmark);
  EXPECT_NE(record.series[0].measurement_fingerprint, record.series[1].measurement_fingerprint);
  EXPECT_EQ(record.series[0].values.size() + record.series[1].values.size(), 3U);
}

TEST(RunRecord, ARunThatWasCutHasCode30) {
  ResultSet results = results_with({row_of("BM_a", 1)});
  results.faults = {"The file is cut off."};
  EXPECT_EQ(recorded(results).exit_code, 30);
  EXPECT_TRUE(recorded(results).failed());
  results.exit_code = 130;
  EXPECT_EQ(recorded(results).exit_code, 130);
}

TEST(RunRecord, AMachineIsWhatTheFileStatesElseWhatIsKnownOfIt) {
  ResultSet results = results_with({row_of("BM_a", 1)});
  EXPECT_EQ(recorded(results).machine_fingerprint, "");
  results.noted["num_cpus"] = "8";
  EXPECT_EQ(recorded(results).machine_fingerprint, fingerprint({{"num_cpus", "8"}}));
  results.machine_fingerprint = "00000000000000ff";
  EXPECT_EQ(recorded(results).machine_fingerprint, "00000000000000ff");
}

TEST(RunRecord, AResultWithoutAnIdGetsOneFromItsContent) {
  const ResultSet results = results_with({row_of("BM_a", 1)});
  const std::string id = recorded(results).id;
  EXPECT_THAT(id, StartsWith("20261125T120000Z-"));
  EXPECT_TRUE(is_run_id(id));
  EXPECT_EQ(record_from(results, "side", {}).id, id) << "where it was added is no part of it";
  EXPECT_NE(recorded(results_with({row_of("BM_a", 1.5)})).id, id);
  ResultSet undated = results;
  undated.started = "yesterday";
  EXPECT_EQ(recorded(undated).started, "");
  EXPECT_THAT(recorded(undated).id, StartsWith("undated-"));
}

TEST(RunRecord, AnIdThatCannotNameAFileIsMadeOneThatCan) {
  ResultSet results = results_with({row_of("BM_a", 1)});
  results.id = "../../x";
  const std::string id = recorded(results).id;
  EXPECT_TRUE(is_run_id(id)) << id;
  EXPECT_THAT(id, StartsWith("x-"));
  results.id = "..\\../x";
  EXPECT_NE(recorded(results).id, id);
  for (const char* odd : {"/", "..", "<b>", " ", "-", "\n"}) EXPECT_TRUE(is_run_id(run_id_from(odd))) << odd;
  EXPECT_TRUE(is_run_id(run_id_from(std::string(5000, 'x'))));
  EXPECT_EQ(run_id_from("20260101T000000Z-abc1234-0badcafe"), "20260101T000000Z-abc1234-0badcafe");
}

TEST(RunRecord, ARunWithoutARowIsNone) {
  try {
    recorded(results_with({}));
    ADD_FAILURE() << "it is one";
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), ExitCode::unreadable);
    EXPECT_THAT(error.what(), HasSubstr("'x.json' holds no result"));
  }
}

TEST(RunFile, ItsTextIsTheRecordAgainToTheLastBit) {
  RunRecord record = kept_run("run-1", 7, "2026-11-25T12:00:00Z",
                              {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, -0.0, 1234567890123456789.0,
                               0.30000000000000004, 9007199254740993.0, 2.2250738585072011e-308});
  record.series.push_back({"BM \"values\":[1", "metric", "f", {std::nextafter(1.0, 2.0)}});
  record.failures.push_back({"BM_bad", "failed", "line\nbreak"});
  const std::string text = run_file_text(record);
  const RunRecord again = parse_run_file(text, "'x'");
  EXPECT_EQ(again.series[0].values, record.series[0].values);
  EXPECT_EQ(again.series[1].values, record.series[1].values);
  EXPECT_EQ(again.series[1].benchmark, record.series[1].benchmark);
  EXPECT_EQ(again.failures[0].reason, "line\nbreak");
  EXPECT_EQ(again.commit.number, 7);
  EXPECT_EQ(again.machine, record.machine);
  EXPECT_EQ(run_file_text(again), text);
  EXPECT_THAT(text, StartsWith("{\"history\":1,"));
  EXPECT_THAT(text, testing::EndsWith("\n{\"end\":4}\n"));
}

TEST(RunFile, ManyNumbersOf17DigitsSurvive) {
  RunRecord record = kept_run("run-1", 1, "");
  record.series[0].values.clear();
  for (int i = 1; i <= 2000; ++i) record.series[0].values.push_back(std::exp(std::sin(i) * 50) / 3);
  EXPECT_EQ(parse_run_file(run_file_text(record), "'x'").series[0].values, record.series[0].values);
}

TEST(RunFile, SaysWhatIsWrong) {
  const std::string whole = run_file_text(kept_run("run-1", 1, "2026-11-25T12:00:00Z"));
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = whole;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    return error_of(text);
  };
  EXPECT_THAT(error_of(""),
              AllOf(StartsWith("'x.ndjson' is not a whole file of a history: "), HasSubstr("empty")));
  EXPECT_THAT(error_of("hello\n"), HasSubstr("line 1: it is not valid JSON"));
  EXPECT_THAT(error_of("[]\n"), HasSubstr("line 1: it is no object"));
  EXPECT_THAT(error_of("{\"history\":1}\n{\"end\":1}\n"), HasSubstr("it is no run of a history"));
  EXPECT_THAT(changed("\"history\":1", "\"history\":2"), HasSubstr("use a newer bench-report"));
  EXPECT_THAT(changed("\"run-1\"", "\"../x\""), HasSubstr("'../x' cannot be a run's id"));
  EXPECT_THAT(changed("\"exit_code\":0", "\"exit_code\":1e300"), HasSubstr("'exit_code' is none"));
  EXPECT_THAT(changed("[1E0]", "[]"), HasSubstr("line 2: 'values' is missing or empty"));
  EXPECT_THAT(changed("[1E0]", "[NaN]"), HasSubstr("a value is no number"));
  EXPECT_THAT(changed("[1E0]", "[1e999]"), HasSubstr("a value is beyond a double's range"));
  EXPECT_THAT(changed("{\"end\":2}", "{\"end\":9}"), HasSubstr("lines are missing: it says 9, there are 2"));
  EXPECT_THAT(error_of(whole + whole), HasSubstr("line 4: it goes on behind its end"));
  const std::size_t series = whole.find("{\"series\"");
  EXPECT_THAT(
      error_of(std::string(whole).insert(series, whole.substr(series, whole.find("{\"end\"") - series))),
      HasSubstr("the metric 'real_time' of 'BM_a/8' is in it twice"));
  for (std::size_t size = 1; size < whole.size(); ++size)
    EXPECT_NE(error_of(whole.substr(0, size)), "no error") << size;
}

TEST(RunFile, IgnoresWhatANewerProgramMayAdd) {
  std::string text = run_file_text(kept_run("run-1", 1, ""));
  text.replace(text.find("\"branch\""), 0, "\"colour\":\"blue\",");
  text.replace(text.find("{\"end\":2}"), 9, "{\"remark\":{}}\n{\"end\":3}");
  EXPECT_THAT(parse_run_file(text, "'x'").series, SizeIs(1));
}

TEST(StartTime, IsUtc) {
  EXPECT_EQ(utc_of("2026-01-02T03:04:05Z"), "2026-01-02T03:04:05Z");
  EXPECT_EQ(utc_of("2026-01-02T03:04:05"), "2026-01-02T03:04:05Z");
  EXPECT_EQ(utc_of("2026-01-02 03:04:05"), "2026-01-02T03:04:05Z");
  EXPECT_EQ(utc_of("2026-01-01T00:30:00+01:00"), "2025-12-31T23:30:00Z");
  EXPECT_EQ(utc_of("2024-02-28T23:30:00-0130"), "2024-02-29T01:00:00Z");
  EXPECT_EQ(utc_of("2026-01-02T03:04:05.987654+02"), "2026-01-02T01:04:05Z");
  for (const char* text : {"", "2026-01-02", "2026-13-02T03:04:05Z", "2026-01-02T24:04:05Z",
                           "2026-01-02T03:04", "2026-01-02T03:04:05 UTC", "2026-01-02T03:04:05+1",
                           "2026-01-02Tx3:04:05", "Fri Jan  2 03:04:05 2026"})
    EXPECT_EQ(utc_of(text), std::nullopt) << text;
}

}  // namespace
}  // namespace trainbench::report::history
