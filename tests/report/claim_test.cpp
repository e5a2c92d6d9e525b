#include "report/compare/claim.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/text/markdown.hpp"
#include "tests/report/comparison_sides.hpp"

namespace trainbench::report {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Side trained(double speed, double accuracy, std::size_t n = 10, unsigned seed = 1) {
  Side side = journal_of("Exp1", "images_per_second", noisy(n, speed, 0.005, seed));
  for (std::size_t i = 0; i < n; ++i)
    side.files[0].results.rows[i].metrics["test_accuracy"] = accuracy + 0.1 * static_cast<double>(i % 4);
  return side;
}

Claim claim_of(const Side& baseline, const Side& contender) {
  return judge_claim(compare(baseline, contender, {.pairing = Pairing::paired}));
}

TEST(Claim, HoldsForOnePercentWithoutAZone) {
  const Claim claim = claim_of(trained(100, 60), trained(101.5, 60, 10, 2));
  EXPECT_EQ(claim.exit_code, ExitCode::ok);
  EXPECT_THAT(headline(claim), StartsWith("CLAIM HOLDS: the contender is faster in all of 1 benchmarks"));
  EXPECT_NEAR(claim.benchmarks[0].faster_by, 0.015, 0.005);
  EXPECT_LT(claim.benchmarks[0].p, 0.01);
}

TEST(Claim, NeedsSevenPairs) {
  EXPECT_EQ(claim_of(trained(100, 60, 6), trained(120, 60, 6, 2)).exit_code, ExitCode::inconclusive);
  EXPECT_EQ(claim_of(trained(100, 60, 7), trained(120, 60, 7, 2)).exit_code, ExitCode::ok);
}

TEST(Claim, IsNotShownByNoiseAndFailsWhereItIsSlower) {
  EXPECT_EQ(claim_of(trained(100, 60), trained(100, 60, 10, 2)).exit_code, ExitCode::inconclusive);
  EXPECT_EQ(claim_of(trained(100, 60), trained(98, 60, 10, 2)).exit_code, ExitCode::regressed);
}

TEST(Claim, FailsWhereSpeedWasBoughtWithAccuracy) {
  const Claim claim = claim_of(trained(100, 60), trained(120, 57, 10, 2));
  EXPECT_EQ(claim.exit_code, ExitCode::regressed);
  EXPECT_FALSE(claim.benchmarks[0].accuracy_kept);
  EXPECT_THAT(claim.benchmarks[0].accuracy, HasSubstr("is not shown to be within 1.00 points"));
}

TEST(Claim, IsJudgedOnTheTimeOfForeignFiles) {
  const Side before = side_of({{"A", noisy(10, 1, 0.01, 1)}, {"B", noisy(10, 1, 0.01, 2)}});
  const Side after = side_of({{"A", noisy(10, 0.9, 0.01, 3)}, {"B", noisy(10, 1, 0.01, 4)}});
  const Claim claim = claim_of(before, after);
  EXPECT_EQ(claim.exit_code, ExitCode::inconclusive);
  EXPECT_THAT(headline(claim), HasSubstr("shown to be faster in 1 of 2 benchmarks"));
  EXPECT_EQ(claim.benchmarks[0].metric, "real_time");
  EXPECT_EQ(claim.benchmarks[0].accuracy, "it reports no test accuracy");
}

TEST(Claim, OfNothingIsNotShown) {
  EXPECT_EQ(judge_claim(Comparison()).exit_code, ExitCode::inconclusive);
}

void expect_remark(const Claim& claim, const std::string& remark) {
  EXPECT_THAT(claim_text(claim), HasSubstr("\n" + remark + "\n"));
  EXPECT_THAT(claim_markdown(claim), HasSubstr("- " + escape_markdown(remark) + "\n"));
  EXPECT_THAT(claim_json(claim), HasSubstr("\"" + remark + "\""));
}

TEST(Claim, KeepsTheCodesOfWhatCannotBeJudgedAndSaysWhy) {
  const Side good = side_of({{"A", noisy(10, 1, 0.01, 1)}});
  Side failed = good;
  for (SideFile& file : failed.files) {
    file.results.rows[0].status = CaseStatus::failed;
    file.results.rows[0].reason = "boom";
  }
  const Claim invalid = claim_of(good, failed);
  EXPECT_EQ(invalid.exit_code, ExitCode::invalid);
  expect_remark(invalid, "INVALID A (whole benchmark): 10 of 10 repetitions of the contender failed: boom");
  const Claim missing = claim_of(good, side_of({{"B", noisy(10, 1, 0.01, 1)}}));
  EXPECT_EQ(missing.exit_code, ExitCode::missing);
  expect_remark(missing, "MISSING A (whole benchmark): the contender does not have it");
  Comparison unreadable;
  unreadable.problems = {"r1.json is cut."};
  unreadable.warnings = {"That both are of one machine is taken on trust."};
  const Claim unread = judge_claim(unreadable);
  EXPECT_EQ(unread.exit_code, ExitCode::unreadable);
  expect_remark(unread, "Could not be read: r1.json is cut.");
  expect_remark(unread, "Warning: That both are of one machine is taken on trust.");
}

}  // namespace
}  // namespace trainbench::report
