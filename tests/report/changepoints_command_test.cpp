#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/files.hpp"
#include "tests/report/run_program.hpp"
#include "tests/temporary_folder.hpp"

namespace trainbench::report {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ChangepointsCommand : public TemporaryFolder {
 protected:
  std::string file(const std::string& content) const {
    write_file_atomically(folder_ / "series.txt", content);
    return (folder_ / "series.txt").string();
  }

  Outcome find_in(const std::string& content, const std::string& flags = "") const {
    return run_bench_report_program("changepoints " + file(content) + " " + flags);
  }

  void expect_found(const std::string& content, const std::string& flags, const std::string& indices) const {
    const Outcome outcome = find_in(content, flags);
    EXPECT_EQ(outcome.code, 0) << outcome.output;
    EXPECT_EQ(outcome.output, indices) << flags;
  }

  void expect_refused(const std::string& content, const std::string& flags, int code,
                      const std::string& sentence) const {
    const Outcome outcome = find_in(content, flags);
    EXPECT_EQ(outcome.code, code) << outcome.output;
    EXPECT_THAT(outcome.output, StartsWith("bench-report: "));
    EXPECT_THAT(outcome.output, HasSubstr(sentence));
  }
};

const std::string kThreeLevels =
    "0.3\n2.4\n1.5\n-0.9\n-0.5\n99.7\n98.3\n99.1\n149\n149.7\n149.5\n149.1\n148.8\n150\n";

std::string lines(int count, const std::string& line) {
  std::string text;
  for (int i = 0; i < count; ++i) text += line + "\n";
  return text;
}

TEST_F(ChangepointsCommand, PrintsTheFirstPointAfterEachChange) {
  expect_found(kThreeLevels, "", "5\n8\n");
  expect_found(lines(20, "7"), "", "");
  expect_found("5\n", "", "");
}

TEST_F(ChangepointsCommand, ReadsStandardInput) {
  const Outcome outcome = run_bench_report_program("changepoints - < " + file(kThreeLevels));
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.output, "5\n8\n");
  EXPECT_EQ(
      run_in_shell("cat " + file(kThreeLevels) + " | '" TRAINBENCH_BUILD_DIR "/bench-report' changepoints -")
          .output,
      "5\n8\n");
}

TEST_F(ChangepointsCommand, TakesTheSecondOfTwoNumbersAndSkipsBlanksAndComments) {
  expect_found("# x,y\n\n" + lines(8, "1,10") + "  \t\r\n" + lines(8, " 2.5 , +1e1\r") + lines(5, "-3,20"),
               "", "16\n");
}

TEST_F(ChangepointsCommand, ObeysItsFlags) {
  const std::string step = lines(10, "100") + lines(10, "104");
  expect_found(step, "--zone=3.9", "10\n");
  expect_found(step, "--zone=4", "");
  expect_found(step, "--log --zone=0.039", "10\n");
  expect_found(step, "--log --zone=0.041", "");
  const std::string short_start = lines(4, "1") + lines(20, "2");
  expect_found(short_start, "", "4\n");
  expect_found(short_start, "--min_segment=5", "");
  const std::string noisy = "1\n2\n1\n2\n1\n2\n1\n4\n3\n4\n3\n4\n3\n4\n";
  expect_found(noisy, "--p=0.01", "7\n");
  expect_found(noisy, "--p=1e-9", "");
}

TEST_F(ChangepointsCommand, NamesTheLineThatIsNoNumber) {
  for (const std::string bad :
       {"abc", "1,2,3", "a,2", "1,", ",1", "1 2", "nan", "inf", "1e999", "0x10", "1.5.2"}) {
    expect_refused("1\n2\n" + bad + "\n4\n", "", 21,
                   "Line 3 of '" + (folder_ / "series.txt").string() +
                       "' is neither a number nor two as 'x,y': '" + bad + "'.");
  }
  expect_refused("1\n" + std::string(1000, 'x') + "\n", "", 21, "'" + std::string(60, 'x') + "...'.");
  const Outcome piped = run_bench_report_program("changepoints - < " + file("1\nx\n"));
  EXPECT_EQ(piped.code, 21);
  EXPECT_THAT(piped.output, HasSubstr("Line 2 of 'standard input'"));
}

TEST_F(ChangepointsCommand, RefusesLogarithmsOfWhatHasNone) {
  expect_refused("1\n2\n0\n", "--log", 21, "Line 3 of");
  expect_refused("1\n-2\n0\n", "--log", 21, "has no logarithm, leave --log out: '-2'.");
}

TEST_F(ChangepointsCommand, RefusesAFileWithoutNumbers) {
  expect_refused("", "", 21, "holds no number");
  expect_refused("# nothing\n\n", "", 21, "holds no number");
  const Outcome missing = run_bench_report_program("changepoints " + (folder_ / "none.txt").string());
  EXPECT_EQ(missing.code, 21);
  EXPECT_THAT(missing.output, HasSubstr("No such file"));
}

TEST_F(ChangepointsCommand, WithWrongUsageIs64) {
  expect_refused("1\n", "--p=0", 64, "--p=0 is no probability");
  expect_refused("1\n", "--p=1", 64, "--p=1 is no probability");
  expect_refused("1\n", "--zone=-1", 64, "--zone=-1 is no difference from 0.");
  expect_refused("1\n", "--min_segment=2", 64, "--min_segment=2 is too short");
  expect_refused("1\n", "--min_segment=-2", 64, "--min_segment=-2 is too short");
  expect_refused("1\n", "--whatever", 64, "--whatever");
  EXPECT_EQ(run_bench_report_program("changepoints").code, 64);
}

TEST_F(ChangepointsCommand, ExplainsItself) {
  const Outcome help = run_bench_report_program("changepoints --help");
  EXPECT_EQ(help.code, 0);
  for (const char* word : {"FILE", "--p", "--zone", "--min_segment", "--log"})
    EXPECT_THAT(help.output, HasSubstr(word));
  EXPECT_THAT(run_bench_report_program("--help").output, HasSubstr("changepoints"));
}

}  // namespace
}  // namespace trainbench::report
