#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "src/base/files.hpp"
#include "tests/report/comparison_sides.hpp"
#include "tests/report/run_program.hpp"
#include "tests/report/testdata_path.hpp"
#include "tests/temporary_folder.hpp"

namespace trainbench::report {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
namespace fs = std::filesystem;

constexpr std::size_t kProcesses = 10;

class CompareCommand : public TemporaryFolder {
 protected:
  std::string file(const std::string& name, const std::string& content) const {
    fs::create_directories((folder_ / name).parent_path());
    write_file_atomically(folder_ / name, content);
    return (folder_ / name).string();
  }

  /// Ten files of one benchmark, as another program writes them, with 1 % of noise, in milliseconds or in
  /// `unit`.
  std::string side(const std::string& name, double milliseconds, unsigned seed,
                   const std::string& run_name = "BM_a/8", const std::string& unit = "ms",
                   int num_cpus = 2) const {
    return write_times(name, noisy(kProcesses, milliseconds, 0.01, seed), run_name, unit, num_cpus);
  }

  std::string write_times(const std::string& name, const std::vector<double>& values,
                          const std::string& run_name = "BM_a/8", const std::string& unit = "ms",
                          int num_cpus = 2) const {
    for (std::size_t i = 0; i < values.size(); ++i) {
      file(fmt::format("{}/r{}.json", name, i),
           fmt::format(
               R"({{"context": {{"num_cpus": {}}}, "benchmarks": [{{"name": "{}", "run_type": "iteration", )"
               R"("real_time": {}, "cpu_time": {}, "time_unit": "{}", "rate": NaN}}]}})",
               num_cpus, run_name, unit == "ns" ? values[i] * 1e6 : values[i], values[i], unit));
    }
    return (folder_ / name).string();
  }

  Outcome compare(const std::string& arguments) const {
    return run_bench_report_program("compare " + arguments, "cd '" + folder_.string() + "' &&");
  }

  void expect_failure(const std::string& arguments, int code, const std::string& sentence) const {
    const Outcome outcome = compare(arguments);
    EXPECT_EQ(outcome.code, code) << arguments << "\n" << outcome.output;
    EXPECT_THAT(outcome.output, StartsWith("bench-report: ")) << arguments;
    EXPECT_THAT(outcome.output, HasSubstr(sentence)) << arguments;
    EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), '\n'), 1) << outcome.output;
  }
};

TEST_F(CompareCommand, OfAlikeSidesIs0AndSaysHowManyRowsItGated) {
  const Outcome outcome = compare(side("a", 5, 1) + " " + side("b", 5, 2));
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("**PASSED: of 1 gated row 1 EQUIVALENT.**"));
}

TEST_F(CompareCommand, OfAFileWithItselfIs0) {
  const std::string one =
      file("one.json", R"({"context": {}, "benchmarks": [{"name": "A", "real_time": 1}]})");
  const Outcome outcome = compare(one + " " + one);
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("1 UNDERPOWERED"));
}

TEST_F(CompareCommand, OfARegressionIs10AndOfAnImprovementOrASmallChange0) {
  const std::string base = side("a", 5, 1);
  const Outcome worse = compare(base + " " + side("b", 5.5, 2) + " --format=text");
  EXPECT_EQ(worse.code, 10);
  EXPECT_THAT(worse.output, HasSubstr("REGRESSED (strong) BM_a/8 Time +"));
  EXPECT_EQ(compare(base + " " + side("c", 4.5, 3)).code, 0);
  EXPECT_EQ(compare(base + " " + side("d", 5.05, 4)).code, 0);
}

TEST_F(CompareCommand, MatchesNamesWithoutRunOptionsAndConvertsUnits) {
  const Outcome outcome =
      compare(side("a", 5, 1, "BM_a/8/repeats:3") + " " + side("b", 5, 2, "BM_a/8/min_time:0.100", "ns"));
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("1 EQUIVALENT"));
}

TEST_F(CompareCommand, OfAnUndecidedRowIs11WhereThatIsAskedFor) {
  const std::string few =
      file("few.json", R"({"context": {}, "benchmarks": [{"name": "A", "real_time": 1}]})");
  EXPECT_EQ(compare(few + " " + few + " --require_power").code, 11);
  const std::string sides = write_times("a", spread(kProcesses, 5, 0.012)) + " " +
                            write_times("b", spread(kProcesses, 5 * 1.027, 0.012));
  EXPECT_EQ(compare(sides).code, 0);
  EXPECT_EQ(compare(sides + " --fail_on_inconclusive").code, 11);
}

TEST_F(CompareCommand, OfAMissingBenchmarkIs12) {
  const std::string sides = side("a", 5, 1, "BM_old") + " " + side("b", 5, 2, "BM_new");
  EXPECT_EQ(compare(sides).code, 12);
  EXPECT_EQ(compare(sides + " --allow_missing").code, 0);
  const std::string renames = file("renames.json", R"({"BM_old": "BM_new"})");
  EXPECT_EQ(compare(sides + " --renames=" + renames).code, 0);
}

TEST_F(CompareCommand, OfAnErroredContenderIs13AndNoImprovement) {
  const std::string failed =
      file("failed.json", R"({"context": {"num_cpus": 2}, "benchmarks": [{"name": "BM_a/8", )"
                          R"("error_occurred": true, "error_message": "boom", "real_time": 0}]})");
  const Outcome outcome = compare(side("a", 5, 1) + " " + failed);
  EXPECT_EQ(outcome.code, 13);
  EXPECT_THAT(outcome.output, HasSubstr("1 of 1 repetitions of the contender failed: boom"));
  EXPECT_THAT(outcome.output, Not(HasSubstr("IMPROVED")));
}

TEST_F(CompareCommand, OfDifferentMachinesIs20UnlessAllowed) {
  const std::string sides = side("a", 5, 1) + " " + side("b", 9, 2, "BM_a/8", "ms", 64);
  expect_failure(sides, 20, "measured on different machines (num_cpus: '2' and '64')");
  EXPECT_EQ(compare(sides + " --allow_different_machine").code, 0);
}

TEST_F(CompareCommand, OfUnreadableFilesIs21AndKeepsTheGoodOnes) {
  const std::string base = side("a", 5, 1);
  const std::string contender = side("b", 6, 2);
  expect_failure(base + " " + file("empty.json", ""), 21, "is empty");
  expect_failure(base + " no_such_file.json", 21, "There is no result in 'no_such_file.json'");
  expect_failure(base + " " + contender + " --policy=" + file("p.json", R"({"policy":1,"gates":{}})"), 21,
                 "unknown member \"gates\"");
  expect_failure(base + " " + contender + " --policy=none.json", 21, "none.json");
  expect_failure(base + " " + contender + " --renames=" + file("r.json", "[]"), 21, "not an object");
  file("b/broken.json", "{\"context\": [[[[");
  const Outcome outcome = compare(base + " " + contender);
  EXPECT_EQ(outcome.code, 21);
  EXPECT_THAT(outcome.output, HasSubstr("Could not be read: '"));
  EXPECT_THAT(outcome.output, HasSubstr("REGRESSED"));
}

TEST_F(CompareCommand, PairsTheGoodFilesBesideABrokenOne) {
  const std::string sides = side("a", 5, 1) + " " + side("b", 6, 2);
  file("b/r3.json", "");
  const Outcome outcome = compare(sides + " --paired --format=text");
  EXPECT_EQ(outcome.code, 21);
  EXPECT_THAT(outcome.output, HasSubstr("REGRESSED (strong) BM_a/8 Time +"));
  EXPECT_THAT(outcome.output, HasSubstr("n 9"));
}

TEST_F(CompareCommand, WithoutABaselineIs22UnlessAllowed) {
  const std::string contender = side("b", 5, 2);
  const std::string empty = file("no_rows.json", R"({"context": {"num_cpus": 2}, "benchmarks": []})");
  expect_failure(empty + " " + contender, 22, "holds no result of a benchmark");
  expect_failure(contender + " " + empty, 21, "holds no result of a benchmark");
  expect_failure("none " + contender, 22, "No baseline. There is no result in 'none'");
  const Outcome allowed = compare("none " + contender + " --allow_no_baseline");
  EXPECT_EQ(allowed.code, 0);
  EXPECT_THAT(allowed.output, HasSubstr("No baseline, nothing was compared."));
}

TEST_F(CompareCommand, WithWrongUsageIs64) {
  const std::string base = side("a", 5, 1);
  expect_failure("", 64, "compare takes a baseline and a contender, and neither was given");
  expect_failure(base, 64, "only '" + base + "' was given");
  expect_failure(base + " " + base + " --fromat=md", 64, "--fromat=md");
  expect_failure(base + " " + base + " --format=pdf", 64, "pdf");
  expect_failure(base + " " + base + " --paired --unpaired", 64, "excludes");
  expect_failure(base + " " + base + " --claim --format=junit", 64, "--claim has no --format=junit");
  expect_failure(base + " " + base + " --claim --allow_different_machine", 64, "exclude each other");
  expect_failure("a/*.json", 64, "All 10 paths lie in one folder");
  expect_failure("a/r1.json b/r1.json c/r1.json", 64, "Which of the 3 paths is the baseline is open");
  const std::string other = side("b", 5, 2);
  fs::remove(folder_ / "b" / "r3.json");
  expect_failure(base + " " + other + " --paired", 64, "'r3.json' is on one side only");
}

TEST_F(CompareCommand, TakesWhatAShellMakesOfTwoPatternsAndPatternsThatItLeft) {
  side("a", 5, 1);
  side("b", 6, 2);
  for (const char* sides : {"a/*.json b/*.json", "'a/*.json' 'b/*.json'", "a b"})
    EXPECT_EQ(compare(std::string(sides) + " --paired").code, 10) << sides;
}

TEST_F(CompareCommand, ReadsThePolicyOfTheTreeAndTheOneGiven) {
  const std::string sides = side("a", 5, 1) + " " + side("b", 5.5, 2);
  const std::string wide = file("wide.json", R"({"policy":1,"metrics":{"real_time":{"relative_zone":0.5}}})");
  EXPECT_EQ(compare(sides + " --policy=" + wide).code, 0);
  file("ci/policy.json", R"({"policy":1,"metrics":{"real_time":{"gated":false}}})");
  const Outcome outcome = compare(sides);
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.output, HasSubstr("Policy: ci/policy.json."));
}

TEST_F(CompareCommand, LetsPassWhatWasAccepted) {
  const std::string sides = side("a", 5, 1) + " " + side("b", 5.5, 2);
  const std::string in_folder = "cd '" + folder_.string() + "' &&";
  fs::create_directories(folder_ / "ci");
  const Outcome accepted =
      run_bench_report_program("accept BM_a/8 real_time --reason='New sort.'", in_folder);
  EXPECT_EQ(accepted.code, 0) << accepted.output;
  EXPECT_THAT(read_file(folder_ / "ci/policy.json"), HasSubstr("\"reason\": \"New sort.\""));
  const Outcome outcome = compare(sides);
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.output, HasSubstr("REGRESSED (accepted)"));
  EXPECT_THAT(outcome.output, HasSubstr(": New sort."));
  EXPECT_EQ(run_bench_report_program("accept BM_a/8 real_time --reason='x' --by_percent=5", in_folder).code,
            0);
  EXPECT_EQ(compare(sides).code, 10);
}

TEST_F(CompareCommand, AcceptRefusesWhatWouldLetNothingPass) {
  const auto accept = [](const std::string& arguments) {
    return run_bench_report_program("accept " + arguments);
  };
  EXPECT_EQ(accept("BM_a real_time").code, 64);
  EXPECT_THAT(accept("BM_a real_time --reason=x --until=2020-01-01").output, HasSubstr("is over"));
  EXPECT_THAT(accept("BM_a real_time --reason=x --until=2027-02-30").output, HasSubstr("is no day"));
  EXPECT_THAT(accept("BM_a real_time --reason=x --by_percent=-1").output, HasSubstr("is negative"));
  for (const char* number : {"inf", "nan"}) {
    const Outcome outcome = accept(std::string("BM_a real_time --reason=x --by_percent=") + number);
    EXPECT_EQ(outcome.code, 64) << number;
    EXPECT_THAT(outcome.output, HasSubstr("is no percentage")) << number;
  }
  EXPECT_EQ(accept("BM_a real_time --reason=x --policy=/no/such/folder/p.json").code, 74);
}

TEST_F(CompareCommand, JudgesAClaim) {
  const std::string base = side("a", 5, 1);
  const Outcome holds = compare(base + " " + side("b", 4.7, 2) + " --claim --format=text");
  EXPECT_EQ(holds.code, 0);
  EXPECT_THAT(holds.output, StartsWith("CLAIM HOLDS"));
  EXPECT_EQ(compare(base + " " + side("c", 5.3, 3) + " --claim").code, 10);
  EXPECT_EQ(compare(base + " " + base + " --claim --format=json").code, 11);
}

TEST_F(CompareCommand, WritesToAFileButNeverOverAResult) {
  const std::string sides = side("a", 5, 1) + " " + side("b", 5, 2);
  const fs::path output = folder_ / "answer.xml";
  EXPECT_EQ(compare(sides + " --format=junit -o " + output.string()).output, "");
  EXPECT_THAT(read_file(output), StartsWith("<?xml"));
  const std::string before = read_file(folder_ / "b/r4.json");
  expect_failure(sides + " -o b/../b/r4.json", 64, "is one of the results that are compared");
  EXPECT_EQ(read_file(folder_ / "b/r4.json"), before);
  expect_failure(sides + " -o /no/such/folder/x.md", 74, "No such file or directory");
  expect_failure(sides + " -o /dev/null", 74, "it is not a regular file");
}

TEST_F(CompareCommand, TellsGithubActionsWhereItRunsThere) {
  const std::string summary = (folder_ / "summary.md").string();
  const std::string in_actions =
      "cd '" + folder_.string() + "' && GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY='" + summary + "'";
  const std::string sides = side("a", 5, 1) + " " + side("b", 6, 2);
  const Outcome outcome = run_bench_report_program("compare " + sides + " --format=json", in_actions);
  EXPECT_EQ(outcome.code, 10);
  EXPECT_THAT(outcome.output, HasSubstr("::error title=REGRESSED Time::BM_a/8 +"));
  EXPECT_THAT(read_file(summary), StartsWith("# Benchmark comparison"));
}

TEST_F(CompareCommand, ExplainsItself) {
  const Outcome help = compare("--help");
  EXPECT_EQ(help.code, 0);
  for (const char* word :
       {"SIDE", "--paired", "--claim", "--policy", "--renames", "--format", "--require_power"})
    EXPECT_THAT(help.output, HasSubstr(word));
  EXPECT_THAT(run_bench_report_program("--help").output, HasSubstr("compare"));
}

}  // namespace
}  // namespace trainbench::report
