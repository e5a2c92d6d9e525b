#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "src/base/files.hpp"
#include "tests/report/run_program.hpp"
#include "tests/temporary_folder.hpp"

namespace trainbench::report {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
namespace fs = std::filesystem;

/// What a contender's file may hold, and what bench-report compare makes of it beside a good baseline.
struct BadInput {
  const char* what;
  std::string text;
  int code;
  const char* sentence;
};

std::string row(const std::string& members, const std::string& name = "BM_a") {
  return fmt::format(R"({{"name": "{}", "run_type": "iteration", {}}})", name, members);
}

std::string file_with(const std::string& rows) {
  return R"({"context": {"num_cpus": 2}, "benchmarks": [)" + rows + "]}";
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

#ifdef __SANITIZE_ADDRESS__
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

class BadInputs : public TemporaryFolder {
 protected:
  std::string file(const std::string& name, const std::string& content) const {
    write_file_atomically(folder_ / name, content);
    return (folder_ / name).string();
  }

  Outcome compare(const std::string& contender, const std::string& flags = "--format=text") const {
    return run_bench_report_program("compare '" + good_ + "' '" + contender + "' " + flags);
  }

  const std::string good_ =
      file("good.json", file_with(row(R"("real_time": 5)") + ", " + row(R"("real_time": 7)", "BM_b")));
  const std::string other_ = ", " + row(R"("real_time": 7)", "BM_b");
};

TEST_F(BadInputs, ThatAreNoResultAre21InOneSentence) {
  const std::vector<BadInput> inputs = {
      {"empty", "", 21, "is empty: no benchmark was run"},
      {"white space", " \n\t ", 21, "is empty"},
      {"text", "hello", 21, "byte 0 is not '{'"},
      {"binary",
       std::string("\x7f"
                   "ELF\x02\x01\0\0\xff\xfe",
                   10),
       21, "byte 0 is not '{'"},
      {"compressed", "\x1f\x8b\x08\x00", 21, "byte 0 is not '{'"},
      {"a list", "[1, 2]", 21, "byte 0 is not '{'"},
      {"another object", R"({"a": 1})", 21, "has no 'benchmarks' array"},
      {"another type", R"({"benchmarks": {}})", 21, "has no 'benchmarks' array"},
      {"cut before its first row", R"({"context": {}, "benchmarks": [{"na)", 21, "is cut off at byte"},
      {"damaged", file_with(row(R"("real_time": tru)")), 21, "is damaged: row 1"},
      {"two values", file_with(row(R"("real_time": 5)")) + "{}", 21, "goes on behind its end"},
      {"nested deeply", R"({"context": {"a": )" + repeated("[", 100000) + repeated("]", 100000) + "}}", 21,
       "is not valid JSON"},
      {"a deeply nested row", file_with(row(R"("x": )" + repeated("[", 50000) + repeated("]", 50000))), 21,
       "is damaged: row 1"},
      {"nested without an end", R"({"context": )" + repeated("{\"a\":", 100000), 21, "is cut off"},
  };
  for (const BadInput& input : inputs) {
    const Outcome outcome = compare(file("bad.json", input.text));
    EXPECT_EQ(outcome.code, input.code) << input.what << ": " << outcome.output;
    EXPECT_THAT(outcome.output, StartsWith("bench-report: ")) << input.what;
    EXPECT_THAT(outcome.output, HasSubstr(input.sentence)) << input.what;
    EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), '\n'), 1) << input.what;
  }
}

TEST_F(BadInputs, OfABadValueAreInvalidAndKeepTheOtherBenchmark) {
  for (const char* value : {"NaN", "Infinity", "-Infinity", "1e999", "null", "\"5\"", "0", "-5"}) {
    const Outcome outcome =
        compare(file("bad.json", file_with(row(fmt::format(R"("real_time": {})", value)) + other_)));
    EXPECT_EQ(outcome.code, 13) << value << ": " << outcome.output;
    EXPECT_THAT(outcome.output, HasSubstr("INVALID BM_a ")) << value;
    EXPECT_THAT(outcome.output, HasSubstr("UNDERPOWERED BM_b ")) << value;
    EXPECT_THAT(outcome.output, Not(HasSubstr("IMPROVED"))) << value;
  }
}

TEST_F(BadInputs, ThatErredOrHaveAnUnknownUnitAreInvalid) {
  const std::vector<BadInput> inputs = {
      {"error", row(R"("error_occurred": true, "error_message": "boom", "real_time": 0)"), 13,
       "failed: boom"},
      {"skip", row(R"("skipped": true, "skip_message": "no GPU")"), 13,
       "skipped in the contender only: no GPU"},
      {"unit", row(R"("real_time": 5, "time_unit": "weeks")"), 13, "its time unit 'weeks' is unknown"},
      {"no time", row(R"("iterations": 1)"), 13, "it has no finite real_time"},
  };
  for (const BadInput& input : inputs) {
    const Outcome outcome = compare(file("bad.json", file_with(input.text + other_)));
    EXPECT_EQ(outcome.code, input.code) << input.what << ": " << outcome.output;
    EXPECT_THAT(outcome.output, HasSubstr(input.sentence)) << input.what;
    EXPECT_THAT(outcome.output, HasSubstr("UNDERPOWERED BM_b ")) << input.what;
  }
}

TEST_F(BadInputs, ThatWereCutKeepTheirWholeRows) {
  const std::string whole = file_with(row(R"("real_time": 5)") + other_);
  const Outcome outcome = compare(file("cut.json", whole.substr(0, whole.size() - 20)));
  EXPECT_EQ(outcome.code, 12) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("The file is cut off at byte"));
  EXPECT_THAT(outcome.output, HasSubstr("UNDERPOWERED BM_a "));
  EXPECT_THAT(outcome.output, HasSubstr("MISSING BM_b "));
}

TEST_F(BadInputs, OfTheSameNameTwiceAreRepetitionsOfOneProcess) {
  const std::string rows = row(R"("real_time": 4)") + "," + row(R"("real_time": 6)") + "," +
                           row(R"("real_time": 5e-6, "time_unit": "ms")");
  const Outcome outcome = compare(file("twice.json", file_with(rows + other_)));
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.output, HasSubstr("BM_a Time +0.00 % –, p 1.0000, could see unknown, n 1"));
}

TEST_F(BadInputs, WithHostileNamesComeOutHarmless) {
  const std::string name = R"(a\u0001\u001b[31m<script>|\n::error::x\u202e]]>&\"')";
  const std::string sides = file("evil.json", file_with(row(R"("real_time": 5)", name)));
  for (const char* format : {"md", "text", "json", "junit"}) {
    const Outcome outcome = run_bench_report_program(
        "compare '" + sides + "' '" + sides + "' --format=" + format, "GITHUB_ACTIONS=true");
    EXPECT_EQ(outcome.code, 0) << format;
    for (const char* raw : {"\x01", "\n::error", "\x1b"})
      EXPECT_THAT(outcome.output, Not(HasSubstr(raw))) << format;
  }
  const std::string junit =
      run_bench_report_program("compare '" + sides + "' '" + sides + "' --format=junit").output;
  EXPECT_THAT(junit, Not(HasSubstr("<script>")));
}

TEST_F(BadInputs, OfAHugeNameStayWithinTheBudget) {
  const std::string sides =
      file("long.json", file_with(row(R"("real_time": 5)", std::string(std::size_t{1} << 20, 'x'))));
  const Outcome outcome = run_bench_report_program("compare '" + sides + "' '" + sides + "'");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_LE(outcome.output.size(), std::size_t{60} * 1024);
}

TEST_F(BadInputs, ThatDoNotFitIntoMemoryAre70AndSaySo) {
  const std::string small = "ulimit -v 400000 &&";
  if (run_bench_report_program("--version", small).code != 0)
    GTEST_SKIP() << "this build needs more address space than the test leaves it";
  const std::string huge = file("huge.json", "{");
  fs::resize_file(huge, std::uintmax_t{1} << 30);
  const Outcome outcome = run_bench_report_program("compare '" + good_ + "' '" + huge + "'", small);
  EXPECT_EQ(outcome.code, 70) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("There is not enough memory for these results."));
}

TEST_F(BadInputs, WhereNoProcessCanBeStartedAre69) {
  // UBSan looks into memory through a pipe, and without a descriptor for one calls every object a wrong one.
  if (kSanitized) GTEST_SKIP() << "a sanitized program needs the descriptors that this test takes away";
  const std::string program = file("program", "#!/bin/sh\n");
  const Outcome outcome =
      run_in_shell(fmt::format("sh -c 'ulimit -n 6; exec {0}/bench-report gate --base={1} --contender={1}'",
                               TRAINBENCH_BUILD_DIR, program));
  EXPECT_EQ(outcome.code, 69) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("Too many open files"));
}

TEST_F(BadInputs, WhereTheResultsCannotBeWrittenAre74) {
  const std::string program = TRAINBENCH_BUILD_DIR "/fake_benchmark";
  const Outcome outcome = run_bench_report_program("gate --always_time --base='" + program +
                                                   "' --contender='" + program + "' --out=/proc/none/out");
  EXPECT_EQ(outcome.code, 74) << outcome.output;
}

}  // namespace
}  // namespace trainbench::report
