#include "report/results/foreign_formats.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/errors.hpp"
#include "src/base/files.hpp"
#include "tests/report/testdata_path.hpp"

namespace trainbench::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

using Parse = ResultSet (*)(std::string_view, std::string_view);

/// The text of a sample, with one part replaced that must be there.
std::string sample(const char* name, const std::string& from = "", const std::string& to = "") {
  std::string text = read_file(testdata(name));
  if (from.empty()) return text;
  const std::size_t begin = text.find(from);
  EXPECT_NE(begin, std::string::npos) << from;
  return text.replace(begin, from.size(), to);
}

void expect_refused(Parse parse, const std::string& text, const std::string& sentence) {
  try {
    parse(text, "x.json");
    ADD_FAILURE() << "it was read: " << sentence;
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), ExitCode::unreadable);
    EXPECT_THAT(error.what(), HasSubstr("'x.json'"));
    EXPECT_THAT(error.what(), HasSubstr(sentence));
  }
}

TEST(FormatOf, TellsByMembersWhateverTheirOrder) {
  EXPECT_EQ(format_of(sample("nvbench_1.json")), SourceKind::nvbench);
  EXPECT_EQ(format_of(sample("hyperfine_1.json")), SourceKind::hyperfine);
  EXPECT_EQ(format_of(sample("hyperfine_2.json")), SourceKind::hyperfine);
  EXPECT_EQ(format_of(sample("pytest_benchmark.json")), SourceKind::pytest_benchmark);
  EXPECT_EQ(format_of(sample("google_benchmark_1_7_1.json")), SourceKind::google_benchmark);
  EXPECT_EQ(format_of(sample("google_benchmark_1_9_5.json")), SourceKind::google_benchmark);
  EXPECT_EQ(format_of(R"({"benchmarks": [{"name": "a", "axes": [], "states": []}]})"), SourceKind::nvbench);
  EXPECT_EQ(format_of(R"({"benchmarks": [{"name": "a", "stats": {}}]})"), SourceKind::pytest_benchmark);
  EXPECT_EQ(format_of("\xef\xbb\xbf{\"results\": []}"), SourceKind::hyperfine);
}

TEST(FormatOf, LeavesWhatNoOtherClaimsToGoogleBenchmark) {
  for (const char* text : {"", "hello", "[]", "{", "{}", R"({"a")", R"({"benchmarks": [)",
                           R"({"benchmarks": [{"name": "a", "real_time": 1}]})", R"({"benchmarks": 3})"})
    EXPECT_EQ(format_of(text), SourceKind::google_benchmark) << text;
}

TEST(ParseNvbench, TakesAStateAsARowWithItsMeanTimes) {
  const ResultSet results = parse_nvbench(sample("nvbench_1.json"), "x.json");
  ASSERT_EQ(results.rows.size(), 2U);
  const Row& row = results.rows[0];
  EXPECT_EQ(row.benchmark, "radix_sort/Elements:1048576/Key:I32");
  EXPECT_DOUBLE_EQ(*row.real_seconds, 0.0002);
  EXPECT_DOUBLE_EQ(*row.cpu_seconds, 0.00025);
  EXPECT_THAT(row.metrics, ElementsAre(Pair("items_per_second", 5.24288e9), Pair("swaps", 77)));
  EXPECT_THAT(results.machine, ElementsAre(Pair("gpu_0", "NVIDIA Imaginary 100")));
  EXPECT_THAT(results.noted, ElementsAre(Pair("nvbench", "0.1.0")));
}

TEST(ParseNvbench, KeepsSkippedStatesWithTheirReason) {
  const ResultSet results = parse_nvbench(sample("nvbench_1.json"), "x.json");
  EXPECT_EQ(results.rows[1].status, CaseStatus::skipped);
  EXPECT_EQ(results.rows[1].reason, "Not enough memory.");
}

TEST(ParseNvbench, NamesTheDeviceWhereStatesRanOnSeveral) {
  const ResultSet results = parse_nvbench(sample("nvbench_1.json", R"("device": 0,
          "axis_values")",
                                                 R"("device": 1, "axis_values")"),
                                          "x.json");
  EXPECT_EQ(results.rows[0].benchmark, "radix_sort/device:0/Elements:1048576/Key:I32");
  EXPECT_EQ(results.rows[1].benchmark, "radix_sort/device:1/Elements:1073741824/Key:I32");
}

TEST(ParseNvbench, ReadsTheNumbersAndNamesOfVersion0) {
  const std::string time =
      R"x({"Average GPU Time (Cold)": {"values": [{"name": "value", "type": "float64", "value": 0.5}]}})x";
  const ResultSet results = parse_nvbench(
      R"({"benchmarks": [{"name": "copy", "states": [{"axis_values": null, "summaries": )" + time + "}]}]}",
      "x.json");
  EXPECT_EQ(results.rows[0].benchmark, "copy");
  EXPECT_DOUBLE_EQ(*results.rows[0].real_seconds, 0.5);
  EXPECT_TRUE(results.rows[0].metrics.empty());
}

TEST(ParseNvbench, FailsARowWithoutAFiniteTimeAndKeepsANegativeOne) {
  for (const char* value : {R"("nan")", "null", R"("fast")", "NaN"}) {
    const ResultSet results = parse_nvbench(sample("nvbench_1.json", R"("0.0002")", value), "x.json");
    EXPECT_EQ(results.rows[0].status, CaseStatus::failed) << value;
    EXPECT_EQ(results.rows[0].reason, "it has no finite mean time");
  }
  EXPECT_DOUBLE_EQ(
      *parse_nvbench(sample("nvbench_1.json", R"("0.0002")", "-0.1"), "x.json").rows[0].real_seconds, -0.1);
}

TEST(ParseNvbench, RefusesWhatNvbenchDoesNotWrite) {
  expect_refused(parse_nvbench, sample("nvbench_1.json").substr(0, 1500), "is not valid JSON");
  expect_refused(parse_nvbench, R"({"devices": [], "benchmarks": 3})", "it has no list 'benchmarks'");
  expect_refused(parse_nvbench, R"({"devices": [], "benchmarks": [[]]})", "a benchmark is no JSON object");
  expect_refused(parse_nvbench, R"({"benchmarks": [{"name": 1, "states": []}]})", "has no text 'name'");
  expect_refused(parse_nvbench, R"({"benchmarks": [{"name": "a", "states": {}}]})",
                 "the benchmark 'a' has no list 'states'. Write one with --json FILE.");
  expect_refused(parse_nvbench, R"({"benchmarks": [{"name": "a", "states": [{"summaries": 1}]}]})",
                 "the summaries of the benchmark 'a' are no list");
  expect_refused(parse_nvbench, R"({"benchmarks": [{"name": "a", "states": [{}]}]})", "has no summaries");
}

TEST(ParseHyperfine, TakesEachRunAsARow) {
  const ResultSet results = parse_hyperfine(sample("hyperfine_1.json"), "x.json");
  ASSERT_EQ(results.rows.size(), 5U);
  EXPECT_EQ(results.rows[2].benchmark, "sort words.txt");
  EXPECT_DOUBLE_EQ(*results.rows[2].real_seconds, 0.21);
  EXPECT_THAT(results.rows[2].metrics, ElementsAre(Pair("peak_rss_mib", 9)));
  EXPECT_THAT(results.rows[2].measurement, ElementsAre(Pair("exit_code", "0")));
}

TEST(ParseHyperfine, TellsRunsThatFailed) {
  const ResultSet results = parse_hyperfine(sample("hyperfine_1.json"), "x.json");
  EXPECT_EQ(results.rows[3].status, CaseStatus::ok);
  EXPECT_THAT(results.rows[3].measurement, ElementsAre(Pair("exit_code", "1")));
  EXPECT_EQ(results.rows[4].status, CaseStatus::failed);
  EXPECT_EQ(results.rows[4].reason, "its command was ended by a signal");
}

TEST(ParseHyperfine, ReadsVersion2) {
  const ResultSet results = parse_hyperfine(sample("hyperfine_2.json"), "x.json");
  ASSERT_EQ(results.rows.size(), 2U);
  EXPECT_EQ(results.rows[0].benchmark, "sorting");
  EXPECT_DOUBLE_EQ(*results.rows[0].real_seconds, 0.2);
  EXPECT_DOUBLE_EQ(*results.rows[0].cpu_seconds, 0.17);
  EXPECT_THAT(results.rows[0].metrics, ElementsAre(Pair("instructions", 1e6), Pair("peak_rss_mib", 8)));
  EXPECT_TRUE(results.rows[1].metrics.empty());
  EXPECT_THAT(results.machine, ElementsAre(Pair("architecture", "x86_64"), Pair("os", "linux")));
}

TEST(ParseHyperfine, FailsARowWithoutAFiniteTime) {
  const ResultSet first = parse_hyperfine(sample("hyperfine_1.json", "[0.19,", "[NaN,"), "x.json");
  EXPECT_EQ(first.rows[0].reason, "it has no finite time");
  EXPECT_EQ(first.rows[1].status, CaseStatus::ok);
  const ResultSet second = parse_hyperfine(
      sample("hyperfine_2.json", R"({"value": 0.2, "unit")", R"({"value": null, "unit")"), "x");
  EXPECT_EQ(second.rows[0].reason, "it has no finite time_wall_clock");
}

TEST(ParseHyperfine, RefusesWhatHyperfineDoesNotWrite) {
  expect_refused(parse_hyperfine, sample("hyperfine_1.json").substr(0, 200), "is not valid JSON");
  expect_refused(parse_hyperfine, R"({"results": {}})", "it has no list 'results'");
  expect_refused(parse_hyperfine, R"({"results": [{"times": [1]}]})", "a result has no text 'command'");
  expect_refused(parse_hyperfine, R"({"results": [{"command": "a", "times": 1}]})",
                 "the command 'a' has no list 'times'. Write one with --export-json FILE.");
  expect_refused(parse_hyperfine, R"({"results": [{"command": "a", "measurements": [1]}]})",
                 "a measurement of the command 'a' is no JSON object");
  expect_refused(parse_hyperfine,
                 sample("hyperfine_2.json", R"(0.2, "unit": "second")", R"(0.2, "unit": "hour")"),
                 "is timed in 'hour', not seconds");
}

TEST(ParsePytestBenchmark, TakesATestAsARowWithTheMedianOfItsRounds) {
  const ResultSet results = parse_pytest_benchmark(sample("pytest_benchmark.json"), "x.json");
  ASSERT_EQ(results.rows.size(), 1U);
  const Row& row = results.rows[0];
  EXPECT_EQ(row.benchmark, "tests/test_join.py::test_join[10]");
  EXPECT_DOUBLE_EQ(*row.real_seconds, 2e-6);
  EXPECT_THAT(row.metrics, ElementsAre(Pair("rows", 10)));
  EXPECT_THAT(row.measurement, ElementsAre(Pair("disable_gc", "no"), Pair("python", "CPython 3.12.1"),
                                           Pair("timer", "perf_counter"), Pair("warmup", "no")));
  EXPECT_THAT(results.machine, ElementsAre(Pair("cores", "8"), Pair("cpu", "Imaginary CPU 9"),
                                           Pair("machine", "x86_64"), Pair("system", "Linux")));
  EXPECT_EQ(results.commit, "0123456789abcdef");
  EXPECT_THAT(results.notes, ElementsAre(HasSubstr("share a process")));
}

TEST(ParsePytestBenchmark, FailsARowWithoutAFiniteMedian) {
  for (const char* value : {R"("median": NaN)", R"("median": Infinity)", R"("mode": 1)"}) {
    const ResultSet results =
        parse_pytest_benchmark(sample("pytest_benchmark.json", R"("median": 2e-06)", value), "x.json");
    EXPECT_EQ(results.rows[0].status, CaseStatus::failed) << value;
    EXPECT_EQ(results.rows[0].reason, "it has no finite median");
  }
}

TEST(ParsePytestBenchmark, RefusesWhatPytestBenchmarkDoesNotWrite) {
  expect_refused(parse_pytest_benchmark, sample("pytest_benchmark.json").substr(0, 900), "is not valid JSON");
  expect_refused(parse_pytest_benchmark, R"({"machine_info": {}})", "it has no list 'benchmarks'");
  expect_refused(parse_pytest_benchmark, R"({"benchmarks": [{"name": "a", "stats": {}}]})",
                 "a benchmark has no text 'fullname'");
  expect_refused(parse_pytest_benchmark, R"({"benchmarks": [{"fullname": "a", "stats": 1}]})",
                 "the test 'a' has no 'stats'. Write one with --benchmark-json=FILE.");
  expect_refused(parse_pytest_benchmark, std::string(10000, '['), "is not valid JSON");
}

}  // namespace
}  // namespace trainbench::report
