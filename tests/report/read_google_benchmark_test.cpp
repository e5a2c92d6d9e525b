#include "report/results/read_google_benchmark.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "src/base/errors.hpp"
#include "src/base/files.hpp"
#include "tests/report/testdata_path.hpp"

namespace trainbench::report {
namespace {

using testing::HasSubstr;

std::string file_of(const std::string& rows) {
  return R"({"context": {"date": "d", "caches": [1]}, "benchmarks": [)" + rows + "]}";
}

std::string row_with(const std::string& members) {
  return R"({"name": "BM_x/iterations:1", "run_name": "BM_x/iterations:1", "run_type": "iteration", )" +
         members + "}";
}

std::vector<Row> rows_of(const std::string& text) {
  return parse_google_benchmark(text, "x.json").rows;
}

std::string message_for(const std::string& text) {
  try {
    parse_google_benchmark(text, "x.json");
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), ExitCode::unreadable);
    return error.what();
  }
  return "";
}

TEST(GoogleBenchmark171, IsReadWithEveryKindOfRow) {
  const ResultSet results =
      parse_google_benchmark(read_file(testdata("google_benchmark_1_7_1.json")), "x.json");
  std::map<std::string, int> counts;
  for (const Row& row : results.rows) ++counts[row.benchmark + " " + std::string(to_string(row.status))];
  const std::map<std::string, int> expected = {
      {"fails failed", 3},       {"is_skipped skipped", 3},  {"odd_counters/size:16/real_time ok", 3},
      {"sort_numbers/64 ok", 3}, {"sort_numbers/512 ok", 3}, {"sort_numbers/4096 ok", 3}};
  EXPECT_EQ(counts, expected);
  EXPECT_TRUE(results.faults.empty());
  EXPECT_EQ(results.noted.at("library_build_type"), "debug");
  for (const Row& row : results.rows) {
    if (row.benchmark == "is_skipped") {
      EXPECT_EQ(row.reason, "this machine has no GPU");
    }
    if (row.benchmark != "odd_counters/size:16/real_time") continue;
    EXPECT_LT(*row.real_seconds, 1e-5);
    EXPECT_EQ(row.metrics, (Metrics{{"nothing", 0}}));
  }
  EXPECT_THAT(results.notes,
              testing::ElementsAre(HasSubstr("rows of aggregates"), HasSubstr("rows of complexity"),
                                   HasSubstr("3 rows with a counter named like one of")));
}

TEST(GoogleBenchmark195, IsReadWithSkipsErrorsAndDifferingUnits) {
  const ResultSet results =
      parse_google_benchmark(read_file(testdata("google_benchmark_1_9_5.json")), "x.json");
  ASSERT_EQ(results.rows.size(), 4U);
  EXPECT_EQ(results.rows[0].benchmark, "BM_copy/1024/real_time/threads:2");
  EXPECT_NEAR(*results.rows[0].real_seconds, 1.5e-6, 1e-15);
  EXPECT_NEAR(*results.rows[1].real_seconds, 1.6e-6, 1e-15);
  EXPECT_EQ(results.rows[2].benchmark, "BM_gpu");
  EXPECT_EQ(results.rows[2].status, CaseStatus::skipped);
  EXPECT_EQ(results.rows[2].reason, "no GPU");
  EXPECT_FALSE(results.rows[2].real_seconds);
  EXPECT_EQ(results.rows[3].status, CaseStatus::failed);
}

TEST(GoogleBenchmark, CutAtAnyByteKeepsEveryWholeRowOrIsRefused) {
  const std::string text = file_of(row_with(R"("real_time": 1, "time_unit": "s")") + ", " +
                                   row_with(R"("real_time": 2, "time_unit": "s", "label": "a } \" {")"));
  const std::size_t first_row_end = text.find('}', text.find("run_type")) + 1;
  const std::size_t second_row_end = text.size() - 2;
  for (std::size_t size = 0; size < text.size(); ++size) {
    const std::string cut = text.substr(0, size);
    if (size < first_row_end) {
      EXPECT_NE(message_for(cut), "") << size;
      continue;
    }
    const ResultSet results = parse_google_benchmark(cut, "x.json");
    EXPECT_EQ(results.rows.size(), size < second_row_end ? 1U : 2U) << size;
    ASSERT_EQ(results.faults.size(), 1U) << size;
    EXPECT_THAT(results.faults[0], HasSubstr("cut off"));
  }
  EXPECT_TRUE(parse_google_benchmark(text, "x.json").faults.empty());
}

TEST(GoogleBenchmark, RefusesWhatIsNoResultFileAndSaysWhy) {
  EXPECT_THAT(message_for(""), HasSubstr("'x.json' is empty"));
  EXPECT_THAT(message_for(" \n"), HasSubstr("'x.json' is empty"));
  EXPECT_THAT(message_for("name,real_time\n"), HasSubstr("byte 0 is not '{'"));
  EXPECT_THAT(message_for("[1, 2]"), HasSubstr("byte 0 is not '{'"));
  EXPECT_THAT(message_for(R"({"a": 1})"), HasSubstr("no 'benchmarks' array"));
  EXPECT_THAT(message_for(R"({"benchmarks": 3})"), HasSubstr("no 'benchmarks' array"));
  EXPECT_THAT(message_for(R"({"benchmarks": [1]})"), HasSubstr("row 1, at byte 16, is not a JSON object"));
  EXPECT_THAT(message_for(R"({"benchmarks" [1]})"), HasSubstr("unexpected text at byte 1"));
  EXPECT_THAT(message_for(R"({"benchmarks": []} x)"), HasSubstr("unexpected text at byte 19"));
  EXPECT_THAT(message_for(R"({"context": {"a" 1}, "benchmarks": []})"), HasSubstr("The context of 'x.json'"));
  EXPECT_THAT(message_for(file_of("")), "");
}

TEST(GoogleBenchmark, TellsMachinesApartByTheirCaches) {
  const auto caches_in = [](const std::string& list) {
    const ResultSet results =
        parse_google_benchmark(R"({"context": {"caches": )" + list + R"(}, "benchmarks": []})", "x.json");
    const auto found = results.noted.find("caches");
    return found == results.noted.end() ? "none" : found->second;
  };
  EXPECT_EQ(caches_in(R"([{"type": "Data", "level": 1, "size": 32768, "num_sharing": 2},)"
                      R"({"type": "Unified", "level": 2, "size": 1048576, "num_sharing": 4}])"),
            "L1 Data 32768, L2 Unified 1048576");
  EXPECT_EQ(caches_in("[]"), "none");
  EXPECT_EQ(caches_in("[1]"), "none");
}

TEST(GoogleBenchmark, NamesTheRowThatIsDamaged) {
  const std::string text = file_of(row_with(R"("real_time": 1)") + ", {\"name\": tru}");
  EXPECT_THAT(message_for(text), HasSubstr("'x.json' is damaged: row 2, at byte"));
}

TEST(GoogleBenchmark, TakesRowsWithoutATimeOrWithAnUnknownUnitAsFailed) {
  const auto rows = rows_of(file_of(row_with(R"("real_time": NaN, "time_unit": "ns")") + "," +
                                    row_with(R"("real_time": 1, "time_unit": "weeks")")));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].status, CaseStatus::failed);
  EXPECT_EQ(rows[0].reason, "it has no finite real_time");
  EXPECT_EQ(rows[1].reason, "its time unit 'weeks' is unknown");
}

TEST(GoogleBenchmark, StripsTheManualTimeOfOurOwnBenchOnly) {
  const std::string row =
      R"({"name": "E/batch:1/manual_time", "run_type": "iteration", "real_time": 1, "time_unit": "s"})";
  const std::string own = R"({"context": {"repetition_unit": "process"}, "benchmarks": [)" + row + "]}";
  EXPECT_EQ(rows_of(own).at(0).benchmark, "E/batch:1");
  EXPECT_EQ(rows_of(file_of(row)).at(0).benchmark, "E/batch:1/manual_time");
}

TEST(GoogleBenchmark, SaysWhichRowsItLeavesOut) {
  const std::string aggregate =
      R"({"name": "A_mean", "run_type": "aggregate", "aggregate_name": "mean", "real_time": 1})";
  const std::string fit = R"({"name": "A_BigO", "run_type": "aggregate", "aggregate_name": "BigO"})";
  const ResultSet results =
      parse_google_benchmark(file_of(aggregate + "," + aggregate + "," + fit + R"(, {"real_time": 1})"), "x");
  EXPECT_TRUE(results.rows.empty());
  EXPECT_THAT(results.notes,
              testing::ElementsAre(HasSubstr("2 rows of aggregates"), HasSubstr("1 row of complexity"),
                                   HasSubstr("1 row without a name")));
}

std::string own_file(const std::string& members, const std::string& rows) {
  return R"({"context": {"repetition_unit": "process", )" + members + R"(}, "benchmarks": [)" + rows + "]}";
}

TEST(OwnBenchmarkFile, GivesItsMachineMeasurementAndInjectedFault) {
  const std::string row =
      R"({"name": "E/r:0.5/iterations:1/manual_time", "run_type": "iteration", "real_time": 1})";
  const ResultSet results = parse_google_benchmark(
      own_file(R"("machine.cpu": "C", "machine_fingerprint": "f0", "noted.load": "0.1", "injected": "slow:20",
                  "run_id": "id", "measurement.E/r:0.5.kind": "training",
                  "measurement.E/r:0.5.env.X": "1", "measurement..x": "y", "measurement.Other.kind": "loading")",
               row),
      "x.json");
  ASSERT_EQ(results.rows.size(), 1U);
  EXPECT_EQ(results.rows[0].benchmark, "E/r:0.5");
  EXPECT_EQ(results.rows[0].measurement, (Facts{{"kind", "training"}, {"env.X", "1"}}));
  EXPECT_EQ(results.rows[0].injected, "slow:20");
  EXPECT_EQ(results.machine, (Facts{{"cpu", "C"}}));
  EXPECT_EQ(results.machine_fingerprint, "f0");
  EXPECT_EQ(results.id, "id");
  EXPECT_EQ(results.noted, (Facts{{"load", "0.1"}, {"repetition_unit", "process"}, {"run_id", "id"}}));
  EXPECT_TRUE(results.faults.empty());
}

TEST(OwnBenchmarkFile, IsNotWholeWhereRowsWereInterrupted) {
  const std::string row = R"({"name": "E", "error_occurred": true, "error_message": "SKIPPED: interrupted"})";
  EXPECT_THAT(parse_google_benchmark(own_file(R"("commit": "c")", row + "," + row), "x.json").faults,
              testing::ElementsAre("The run was interrupted: 2 of 2 rows were not measured."));
}

TEST(GoogleBenchmark, LeavesContextKeysOfOtherProgramsAlone) {
  const ResultSet results =
      parse_google_benchmark(R"({"context": {"machine.cpu": "C", "injected": "x"}, "benchmarks": [)" +
                                 row_with(R"("real_time": 1)") + "]}",
                             "x.json");
  EXPECT_TRUE(results.machine.empty());
  EXPECT_EQ(results.rows.at(0).injected, "");
  EXPECT_EQ(results.noted, (Facts{{"machine.cpu", "C"}, {"injected", "x"}}));
}

TEST(GoogleBenchmark, ReadsAFileWithAByteOrderMark) {
  EXPECT_EQ(rows_of("\xef\xbb\xbf" + file_of(row_with(R"("real_time": 1)"))).size(), 1U);
}

}  // namespace
}  // namespace trainbench::report
