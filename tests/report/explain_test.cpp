#include "report/compare/explain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/files.hpp"
#include "src/measure/journal.hpp"
#include "src/profile/profile_file.hpp"
#include "tests/profile/small_profile.hpp"
#include "tests/report/comparison_sides.hpp"
#include "tests/report/run_program.hpp"
#include "tests/temporary_folder.hpp"

namespace trainbench::report {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
namespace fs = std::filesystem;

constexpr std::size_t kProfiled = 10;
constexpr const char* kBenchmark = "Exp1/batch:8";

/// A step of a convolution and of a rectifier, and 2 ms outside them.
profile::Profile step_of(double convolution_ms, double relu_ms) {
  const auto ns = [](double ms) { return static_cast<std::int64_t>(ms * 1e6); };
  profile::ProfileBuilder build;
  const std::int64_t middle = ns(convolution_ms);
  const std::int64_t end = middle + ns(relu_ms);
  build.step(0, end + ns(2));
  build.phase(profile::StepPhase::forward, 0, end);
  build.op("aten::convolution", 0, middle);
  build.op("aten::relu_", middle, end);
  build.profile.benchmark = kBenchmark;
  return build.profile;
}

class Explain : public TemporaryFolder {
 protected:
  /// Run folders of bench with a profile each, of a step that takes `ms` when it is timed.
  Side side(const std::string& name, double ms, double convolution_ms, double relu_ms, unsigned seed) const {
    Side side;
    const std::vector<double> times = noisy(kProfiled, ms, 0.005, seed);
    for (std::size_t i = 0; i < kProfiled; ++i) {
      const std::string pair = fmt::format("pair-{:02}", i + 1);
      const double wobble = 0.001 * static_cast<double>(i % 3);
      const fs::path run = folder_ / name / pair;
      profile_at(run, step_of(convolution_ms + wobble, relu_ms + wobble));
      SideFile file = file_of(pair, {metric_row(kBenchmark, {{"step_time_ms", times[i]}})});
      file.results.source = (run / "journal.ndjson").string();
      side.files.push_back(std::move(file));
      write_journal(run, times[i]);
    }
    return side;
  }

  static void profile_at(const fs::path& run, const profile::Profile& profile) {
    fs::create_directories(run / "profiles" / "Exp1");
    write_file_atomically(run / "profiles" / "Exp1" / "0.json", profile_to_json(profile));
  }

  static void write_journal(const fs::path& run, double ms) {
    CaseResult result;
    result.benchmark = kBenchmark;
    result.metrics = {{"step_time_ms", ms}};
    RunHeader header;
    header.machine = {{"cpu", "A"}};
    header.planned_cases = 1;
    write_file_atomically(run / "journal.ndjson",
                          header_line(header) + "\n" + case_line(result) + "\n" + end_line({}) + "\n");
  }

  static Comparison explained(const Side& baseline, const Side& contender, const Renames& renames = {}) {
    Comparison comparison = compare(baseline, contender, {.renames = renames});
    explain_findings(baseline, contender, renames, comparison);
    return comparison;
  }

  std::string at(const char* name) const { return (folder_ / name).string(); }
};

TEST_F(Explain, LooksPastTheFoldersThatHoldOtherBenchmarks) {
  Side baseline = side("a", 10, 6, 2, 1);
  for (int i = 0; i < 12; ++i) {
    const fs::path run = folder_ / "a" / fmt::format("earlier-{}", i);
    profile::Profile other = step_of(1, 1);
    other.benchmark = "Exp2/batch:8";
    profile_at(run, other);
    SideFile file = file_of(run.filename(), {metric_row("Exp2/batch:8", {{"step_time_ms", 1}})});
    file.results.source = (run / "journal.ndjson").string();
    baseline.files.push_back(std::move(file));
  }
  EXPECT_EQ(explained(baseline, side("b", 13, 8, 2.5, 2)).explanations.size(), 1U);
}

TEST_F(Explain, FollowsTheBaselinesRenames) {
  Side baseline = side("a", 10, 6, 2, 1);
  for (SideFile& file : baseline.files) {
    file.results.rows.front().benchmark = "Old/batch:8";
    profile::Profile old = step_of(6, 2);
    old.benchmark = "Old/batch:8";
    profile_at(fs::path(file.results.source).parent_path(), old);
  }
  const Comparison comparison = explained(baseline, side("b", 13, 8, 2.5, 2), {{"Old/batch:8", kBenchmark}});
  ASSERT_EQ(comparison.explanations.size(), 1U);
  EXPECT_EQ(comparison.explanations[0].benchmark, kBenchmark);
}

TEST_F(Explain, TakesARegressionApartIntoOperatorsAndARest) {
  const Comparison comparison = explained(side("a", 10, 6, 2, 1), side("b", 13, 8, 2.5, 2));
  ASSERT_EQ(comparison.explanations.size(), 1U);
  const Explanation& one = comparison.explanations[0];
  EXPECT_EQ(one.benchmark, kBenchmark);
  EXPECT_THAT(one.change_ms, DoubleNear(3, 0.1));
  EXPECT_THAT(one.profiled_change_ms, DoubleNear(2.5, 1e-6));
  ASSERT_EQ(one.parts.size(), 2U);
  EXPECT_EQ(one.parts[0].operator_name, "aten::convolution");
  EXPECT_EQ(one.parts[0].phase, "forward");
  EXPECT_THAT(one.parts[0].change_ms, DoubleNear(2, 1e-6));
  EXPECT_THAT(one.parts[1].change_ms, DoubleNear(0.5, 1e-6));
  EXPECT_DOUBLE_EQ(one.rest_ms, one.change_ms - one.parts[0].change_ms - one.parts[1].change_ms);
  EXPECT_EQ(one.baseline_processes, kProfiled);
}

TEST_F(Explain, LeavesToTheRestWhatNoiseCannotTellFromZero) {
  const Comparison comparison = explained(side("a", 10, 6, 2, 1), side("b", 13, 9, 2, 2));
  ASSERT_EQ(comparison.explanations.size(), 1U);
  ASSERT_EQ(comparison.explanations[0].parts.size(), 1U);
  EXPECT_EQ(comparison.explanations[0].parts[0].operator_name, "aten::convolution");
}

TEST_F(Explain, NamesTheSharesInEveryFormat) {
  side("a", 10, 6, 2, 1);
  side("b", 13, 8, 2.5, 2);
  const std::string sides = "compare '" + at("a") + "' '" + at("b") + "'";
  const Outcome markdown = run_bench_report_program(sides);
  EXPECT_EQ(markdown.code, 10) << markdown.output;
  EXPECT_THAT(markdown.output, HasSubstr("## What changed in Exp1/batch:8"));
  EXPECT_THAT(markdown.output,
              HasSubstr("that of the profiled steps by +2.5 ms (10 and 10 profiled processes)"));
  EXPECT_THAT(markdown.output, HasSubstr("| aten::convolution (forward) |"));
  EXPECT_THAT(markdown.output, HasSubstr("| (unexplained)"));
  EXPECT_LT(markdown.output.find("## Findings"), markdown.output.find("## What changed"));
  EXPECT_THAT(run_bench_report_program(sides + " --format=text").output,
              HasSubstr("% aten::convolution (forward) , "));
  EXPECT_THAT(run_bench_report_program(sides + " --format=json").output, HasSubstr("\"unexplained_ms\":"));
}

TEST_F(Explain, WarnsWhereProfilesAreUnlikeOrBroken) {
  const Side baseline = side("a", 10, 6, 2, 1);
  const Side contender = side("b", 13, 8, 2.5, 2);
  profile::Profile other = step_of(8, 2);
  other.machine = {{"cpu", "B"}};
  profile_at(folder_ / "b" / "pair-03", other);
  const Comparison unlike = explained(baseline, contender);
  EXPECT_THAT(unlike.explanations, IsEmpty());
  EXPECT_THAT(unlike.warnings,
              testing::Contains(HasSubstr("do not explain its change: the machine's 'cpu'")));
  write_file_atomically(folder_ / "b" / "pair-03" / "profiles" / "Exp1" / "0.json", "{\"trainb");
  const Comparison broken = explained(baseline, contender);
  EXPECT_THAT(broken.warnings, testing::Contains(HasSubstr("A profile was left out: '")));
  ASSERT_EQ(broken.explanations.size(), 1U);
  EXPECT_EQ(broken.explanations[0].contender_processes, kProfiled - 1);
  EXPECT_EQ(broken.exit_code, ExitCode::regressed);
}

TEST_F(Explain, WarnsWhereAProfileLostRecordsOrItsStepsAreNotAlike) {
  const Side baseline = side("a", 10, 6, 2, 1);
  const Side contender = side("b", 13, 8, 2.5, 2);
  profile::Profile lossy = step_of(8, 2.5);
  lossy.losses.dropped = 7;
  profile_at(folder_ / "b" / "pair-03", lossy);
  const Comparison comparison = explained(baseline, contender);
  EXPECT_THAT(comparison.explanations, IsEmpty());
  EXPECT_THAT(comparison.warnings, testing::Contains(HasSubstr("do not explain its change: in those of the "
                                                               "contender, records were lost (dropped 7")));
  for (const char* side : {"a", "b"}) {
    for (std::size_t i = 0; i < kProfiled; ++i) {
      profile::Profile unsteady = step_of(8, 2.5);
      const std::int64_t end = unsteady.steps[0].end_ns;
      unsteady.steps.push_back({end, end + 1000});
      profile_at(folder_ / side / fmt::format("pair-{:02}", i + 1), unsteady);
    }
  }
  EXPECT_THAT(
      explained(baseline, contender).warnings,
      testing::Contains(HasSubstr("the baseline's steps are not alike (Repetition 0: step 1 calls 'aten")));
}

TEST_F(Explain, ReadsNoProfileWhereNothingWasFound) {
  const Side baseline = side("a", 10, 6, 2, 1);
  const Side contender = side("b", 10, 6, 2, 2);
  write_file_atomically(folder_ / "b" / "pair-03" / "profiles" / "Exp1" / "0.json", "{\"trainb");
  const Comparison comparison = explained(baseline, contender);
  EXPECT_THAT(comparison.explanations, IsEmpty());
  EXPECT_THAT(comparison.warnings, Not(testing::Contains(HasSubstr("profile"))));
}

}  // namespace
}  // namespace trainbench::report
