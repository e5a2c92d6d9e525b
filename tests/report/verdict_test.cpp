#include "report/compare/verdict.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/report/comparison_sides.hpp"

namespace trainbench::report {
namespace {

const MetricRule kTime = default_rule("real_time");
const MetricRule kRate{.better = Better::higher, .kind = Kind::rate, .gated = true, .relative_zone = 0.03};
const MetricRule kAccuracy = default_rule("test_accuracy");
const MetricRule kCount{.better = Better::lower, .kind = Kind::exact, .gated = true};

Judgement judged(const Samples& samples, const MetricRule& rule, bool paired,
                 const JudgeOptions& options = {}) {
  const auto evidence = weigh(samples, rule, paired);
  return judge(*evidence, evidence->p, options);
}

Samples times(std::size_t n, double ratio, double noise = 0.01) {
  return {.baseline = noisy(n, 1, noise, 1), .contender = noisy(n, ratio, noise, 2)};
}

TEST(Judge, CallsAChangeBeyondTheZoneBothWays) {
  for (const bool paired : {true, false}) {
    EXPECT_EQ(judged(times(10, 1.10), kTime, paired).verdict, Verdict::regressed);
    EXPECT_TRUE(judged(times(10, 1.10), kTime, paired).strong);
    EXPECT_EQ(judged(times(10, 0.90), kTime, paired).verdict, Verdict::improved);
    EXPECT_EQ(judged(times(10, 0.90), kRate, paired).verdict, Verdict::regressed);
    EXPECT_EQ(judged(times(10, 1.10), kRate, paired).verdict, Verdict::improved);
  }
}

TEST(Judge, SparesASignificantChangeWithinTheZone) {
  const Samples samples = times(20, 1.01, 0.001);
  EXPECT_LT(weigh(samples, kTime, true)->p, 0.001);
  EXPECT_EQ(judged(samples, kTime, true).verdict, Verdict::equivalent);
}

TEST(Judge, CallsLargeFindingsEvenWhereTheNoiseHidesTheZone) {
  // +30 % at 6 % noise: the smallest detectable change is beyond the zone of 3 %, and the finding is one all
  // the same.
  const Judgement judgement = judged(times(10, 1.30, 0.06), kTime, false);
  EXPECT_GT(*judgement.smallest_detectable, std::log1p(0.03));
  EXPECT_EQ(judgement.verdict, Verdict::regressed);
}

TEST(Judge, SaysWhereTooFewProcessesCanShowNothing) {
  EXPECT_EQ(judged(times(1, 1.5), kTime, true).verdict, Verdict::underpowered);
  EXPECT_EQ(judged(times(4, 1.5), kTime, true).verdict, Verdict::underpowered);
  EXPECT_EQ(judged(times(3, 1.5), kTime, false).verdict, Verdict::underpowered);
}

TEST(Judge, SaysWhereTheNoiseIsTooLarge) {
  const Judgement judgement = judged(times(10, 1.0, 0.2), kTime, true);
  EXPECT_EQ(judgement.verdict, Verdict::underpowered);
  EXPECT_GT(*judgement.smallest_detectable, 0.1);
}

TEST(Judge, SeesNothingWithinTheZone) {
  EXPECT_NEAR(*judged(times(20, 1.0, 0.0001), kTime, true).smallest_detectable, std::log1p(0.03), 1e-12);
}

TEST(Judge, IsUndecidedBetweenTheZonesEdgeAndAFinding) {
  // +2.7 % at 1 %: significant, not beyond 3 %, and not shown to lie within it.
  const Samples samples{.baseline = std::vector<double>(12, 1), .contender = spread(12, 1.027, 0.012)};
  EXPECT_EQ(judged(samples, kTime, true).verdict, Verdict::inconclusive);
}

TEST(Judge, VetoesTwoModesOfWhichEachSideCaughtOthers) {
  // Seven of eleven pairs are worse by half, four better by a twentieth.
  Samples samples;
  for (int i = 0; i < 11; ++i) {
    samples.baseline.push_back(1 + 1e-4 * i);
    samples.contender.push_back(i < 7 ? 1.5 + 1e-3 * i : 0.95 - 1e-3 * i);
  }
  const auto evidence = weigh(samples, kTime, true);
  EXPECT_GT(evidence->shift, evidence->zone);
  EXPECT_LT(evidence->separation, 0.8);
  EXPECT_NE(judge(*evidence, 0.001, {}).verdict, Verdict::regressed);
}

TEST(Judge, NeedsAlphaOverTheFamilyToBeInReach) {
  EXPECT_EQ(judged(times(5, 1.0, 0.05), kTime, false, {.family = 1}).verdict, Verdict::underpowered);
  const Samples quiet = times(8, 1.001, 0.04);
  const auto evidence = weigh(quiet, kTime, true);
  EXPECT_NEAR(evidence->smallest_p, 2.0 / 256, 1e-12);
  EXPECT_EQ(judge(*evidence, 1, {.family = 30}).verdict, Verdict::underpowered);
}

TEST(Weigh, TurnsRatesSoThatPositiveIsWorse) {
  const auto evidence = weigh(times(10, 0.90), kRate, true);
  EXPECT_NEAR(evidence->shift, -std::log(0.90), 0.01);
  EXPECT_GT(evidence->separation, 0.99);
  EXPECT_GT(evidence->interval->lower, 0);
}

TEST(Weigh, ComparesProportionsInPoints) {
  const Samples samples{.baseline = {60.1, 60.4, 59.8, 60.0, 60.2, 59.9, 60.3, 60.5},
                        .contender = {57.0, 57.4, 56.9, 57.1, 57.2, 56.8, 57.3, 57.6}};
  const auto evidence = weigh(samples, kAccuracy, true);
  EXPECT_FALSE(evidence->in_logs);
  EXPECT_NEAR(evidence->shift, 3.0, 0.05);
  EXPECT_EQ(evidence->zone, 1.0);
  EXPECT_EQ(judge(*evidence, evidence->p, {}).verdict, Verdict::regressed);
}

TEST(Weigh, TakesZeroAsAProportionAndNotAsATime) {
  const Samples zeros{.baseline = {0, 0, 0}, .contender = {0, 0, 0}};
  EXPECT_TRUE(weigh(zeros, kAccuracy, true));
  EXPECT_FALSE(weigh(zeros, kTime, true));
  EXPECT_FALSE(weigh({.baseline = {1, 2}, .contender = {1, -2}}, kTime, true));
  EXPECT_FALSE(weigh({.baseline = {1, 2}, .contender = {}}, kTime, false));
}

TEST(Weigh, OfEqualValuesDoesNotCrash) {
  const Samples equal{.baseline = std::vector<double>(6, 2.0), .contender = std::vector<double>(6, 2.0)};
  for (const bool paired : {true, false}) {
    const auto evidence = weigh(equal, kTime, paired);
    EXPECT_EQ(evidence->p, 1);
    EXPECT_EQ(judge(*evidence, 1, {}).verdict, Verdict::equivalent);
  }
}

TEST(Weigh, TakesTheLargerOfBothZones) {
  MetricRule rule = kTime;
  rule.absolute_zone = 0.2;
  EXPECT_NEAR(weigh(times(5, 1.0), rule, true)->zone, std::log1p(0.2), 0.01);
  rule.absolute_zone = 0.001;
  EXPECT_NEAR(weigh(times(5, 1.0), rule, true)->zone, std::log1p(0.03), 1e-12);
}

TEST(Weigh, TakesNoValuesWhoseDifferencesAreNotFinite) {
  const Samples extreme{.baseline = {1e308, -1e308}, .contender = {-1e308, 1e308}};
  for (const bool paired : {true, false}) EXPECT_FALSE(weigh(extreme, kAccuracy, paired));
}

TEST(Weigh, BoundsAZoneBeyondEveryValue) {
  for (MetricRule rule : {kTime, kAccuracy}) {
    rule.absolute_zone = 1e308;
    const Samples tiny{.baseline = {1e-300, 2e-300, 3e-300}, .contender = {1e-300, 2e-300, 3e-300}};
    for (const bool paired : {true, false}) EXPECT_LE(weigh(tiny, rule, paired)->zone, 1e300);
  }
}

TEST(Weigh, AddsATIntervalWhereRanksSayLittle) {
  EXPECT_TRUE(weigh(times(6, 1.03), kTime, true)->t_interval);
  EXPECT_FALSE(weigh(times(8, 1.03), kTime, true)->t_interval);
  EXPECT_FALSE(weigh(times(6, 1.03), kTime, false)->t_interval);
}

TEST(JudgeExact, FindsACountThatMovedAtOneProcess) {
  EXPECT_EQ(judge_exact({.baseline = {100}, .contender = {101}}, kCount).verdict, Verdict::regressed);
  EXPECT_EQ(judge_exact({.baseline = {100}, .contender = {99}}, kCount).verdict, Verdict::improved);
  EXPECT_EQ(judge_exact({.baseline = {100, 100}, .contender = {100}}, kCount).verdict, Verdict::equivalent);
}

TEST(JudgeExact, KnowsItsZoneAndItsDirection) {
  MetricRule rule = kCount;
  rule.absolute_zone = 2;
  EXPECT_EQ(judge_exact({.baseline = {100}, .contender = {102}}, rule).verdict, Verdict::equivalent);
  EXPECT_EQ(judge_exact({.baseline = {100}, .contender = {103}}, rule).verdict, Verdict::regressed);
  rule.better = Better::higher;
  EXPECT_EQ(judge_exact({.baseline = {100}, .contender = {103}}, rule).verdict, Verdict::improved);
}

TEST(JudgeExact, TakesEveryChangeOfAHashAsARegression) {
  const MetricRule hash = default_rule("kernel_set");
  EXPECT_EQ(judge_exact({.baseline = {5}, .contender = {4}}, hash).verdict, Verdict::regressed);
  EXPECT_EQ(judge_exact({.baseline = {5}, .contender = {6}}, hash).verdict, Verdict::regressed);
}

TEST(JudgeExact, IsUndecidedWhereACountIsNoCount) {
  EXPECT_EQ(judge_exact({.baseline = {100, 104}, .contender = {103, 101}}, kCount).verdict,
            Verdict::inconclusive);
  EXPECT_EQ(judge_exact({.baseline = {100, 101}, .contender = {103, 105}}, kCount).verdict,
            Verdict::regressed);
}

}  // namespace
}  // namespace trainbench::report
