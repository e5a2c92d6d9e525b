#include "report/compare/policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/errors.hpp"

namespace trainbench::report {
namespace {

using testing::HasSubstr;

void expect_wrong(std::string_view text, const std::string& sentence) {
  try {
    parse_policy(text, "p.json");
    ADD_FAILURE() << "taken: " << text;
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), ExitCode::unreadable);
    EXPECT_THAT(error.what(), HasSubstr("policy 'p.json'"));
    EXPECT_THAT(error.what(), HasSubstr(sentence));
  }
}

constexpr std::string_view kWhole = R"({
  "policy": 1,
  "alpha": 0.01,
  "metrics": {
    "mine": {"better": "higher", "kind": "rate", "gated": true, "relative_zone": 0.05, "absolute_zone": 2}
  },
  "benchmarks": {
    "Exp1*": {
      "step_time_ms": {"relative_zone": 0.1}
    },
    "Exp1_CPU_1T/batch:128": {
      "step_time_ms": {"gated": false}
    }
  },
  "accepted": [
    {"benchmark": "Exp1_CPU_1T/batch:128", "metric": "peak_rss_mib", "by_percent": 12.5, "until": "2027-01-31", "reason": "A \"larger\" arena."}
  ]
}
)";

TEST(DefaultRule, GatesWhatTheRegistryGates) {
  const MetricRule time = default_rule("step_time_ms");
  EXPECT_EQ(time.kind, Kind::time);
  EXPECT_EQ(time.better, Better::lower);
  EXPECT_TRUE(time.gated);
  EXPECT_EQ(time.relative_zone, 0.03);
  EXPECT_EQ(default_rule("images_per_second").kind, Kind::rate);
  EXPECT_FALSE(default_rule("images_per_second").gated);
  EXPECT_EQ(default_rule("peak_rss_mib").kind, Kind::amount);
  EXPECT_EQ(default_rule("test_accuracy").kind, Kind::proportion);
  EXPECT_EQ(default_rule("test_accuracy").absolute_zone, 1.0);
  EXPECT_EQ(default_rule("ops_per_step").kind, Kind::exact);
  EXPECT_EQ(default_rule("cores_used").kind, Kind::amount);
}

TEST(DefaultRule, GatesTheRealTimeOfForeignFilesAndJudgesNoUnknownCounter) {
  EXPECT_TRUE(default_rule("real_time").gated);
  EXPECT_FALSE(default_rule("cpu_time").gated);
  EXPECT_EQ(default_rule("items_per_second").better, Better::higher);
  EXPECT_FALSE(default_rule("widgets").gated);
  EXPECT_FALSE(is_judged(default_rule("widgets")));
  EXPECT_FALSE(is_judged(default_rule("steps")));
  EXPECT_TRUE(is_judged(default_rule("kernel_set")));
}

TEST(RuleOf, ChangesTheMetricFirstAndThenTheBenchmarkInTheFilesOrder) {
  const Policy policy = parse_policy(kWhole, "p.json");
  EXPECT_EQ(policy.alpha, 0.01);
  EXPECT_EQ(rule_of(policy, "Exp2", "step_time_ms").relative_zone, 0.03);
  EXPECT_EQ(rule_of(policy, "Exp1_CPU_1T/batch:16", "step_time_ms").relative_zone, 0.1);
  EXPECT_TRUE(rule_of(policy, "Exp1_CPU_1T/batch:16", "step_time_ms").gated);
  const MetricRule exact_name = rule_of(policy, "Exp1_CPU_1T/batch:128", "step_time_ms");
  EXPECT_EQ(exact_name.relative_zone, 0.1);
  EXPECT_FALSE(exact_name.gated);
  const MetricRule mine = rule_of(policy, "anything", "mine");
  EXPECT_EQ(mine.kind, Kind::rate);
  EXPECT_EQ(mine.absolute_zone, 2);
}

TEST(PolicyText, IsReadAsThePolicyThatWroteIt) {
  EXPECT_EQ(policy_text(parse_policy(kWhole, "p.json")), kWhole);
  EXPECT_EQ(policy_text(Policy()), "{\n  \"policy\": 1,\n  \"alpha\": 0.05\n}\n");
}

TEST(FindAccepted, TakesTheLastEntryThatMatches) {
  Policy policy;
  policy.accepted = {{"Exp*", "step_time_ms", 5, "2027-01-01", "first"},
                     {"Exp1", "step_time_ms", 9, "2027-02-01", "second"}};
  EXPECT_EQ(find_accepted(policy, "Exp1", "step_time_ms")->reason, "second");
  EXPECT_EQ(find_accepted(policy, "Exp2", "step_time_ms")->reason, "first");
  EXPECT_EQ(find_accepted(policy, "Exp1", "peak_rss_mib"), nullptr);
  EXPECT_EQ(find_accepted(policy, "Exp1", "step_time_ms", "2027-02-02")->reason, "second");
  policy.accepted[1].until = "2026-12-31";
  EXPECT_EQ(find_accepted(policy, "Exp1", "step_time_ms", "2027-01-01")->reason, "first");
  EXPECT_EQ(find_accepted(policy, "Exp1", "step_time_ms", "2027-01-02")->reason, "second");
}

TEST(ParsePolicy, NamesTheNearestMemberOfAnUnknownOne) {
  expect_wrong(R"({"policy":1,"metric":{}})", "it has an unknown member \"metric\": did you mean 'metrics'");
  expect_wrong(R"({"policy":1,"metrics":{"a":{"realtive_zone":0.1}}})",
               "\"metrics.a\" has an unknown member \"realtive_zone\": did you mean 'relative_zone'");
  expect_wrong(R"({"policy":1,"accepted":[{"benchmrk":"x"}]})", "did you mean 'benchmark'");
}

TEST(ParsePolicy, RefusesWrongTypesAndValues) {
  expect_wrong("", "is not valid JSON");
  expect_wrong("[1]", "it is not an object");
  expect_wrong("{}", "has no \"policy\": 1");
  expect_wrong(R"({"policy":2})", "\"policy\" is not 1");
  expect_wrong(R"({"policy":1,"alpha":0.9})", "\"alpha\" does not lie between 0 and 0.5");
  expect_wrong(R"({"policy":1,"metrics":[]})", "\"metrics\" is not an object");
  expect_wrong(R"({"policy":1,"metrics":{"a":{"gated":1}}})",
               "\"metrics.a.gated\" is neither true nor false");
  expect_wrong(R"({"policy":1,"metrics":{"a":{"kind":"tme"}}})", "'tme', which is none of 'time', 'amount'");
  expect_wrong(R"({"policy":1,"metrics":{"a":{"relative_zone":-0.1}}})", "a zone is not negative");
  expect_wrong(R"({"policy":1,"metrics":{"a":{"relative_zone":3}}})", "it is a fraction: 0.03 is 3 %");
  expect_wrong(R"({"policy":1,"metrics":{"a":{"relative_zone":NaN}}})", "is not a number");
}

TEST(ParsePolicy, RefusesAGateWithoutADirection) {
  expect_wrong(R"({"policy":1,"metrics":{"widgets":{"gated":true}}})", "neither direction is better");
  expect_wrong(R"({"policy":1,"benchmarks":{"A/*":{"widgets":{"gated":true}}}})",
               "\"benchmarks.A/*.widgets\" is gated");
  EXPECT_NO_THROW(parse_policy(R"({"policy":1,"metrics":{"widgets":{"gated":true,"kind":"exact"}}})", "p"));
}

TEST(ParsePolicy, RefusesAnAcceptedEntryWithoutAReasonOrARealDay) {
  expect_wrong(R"({"policy":1,"accepted":[{"benchmark":"a","metric":"b","until":"2027-01-31"}]})",
               "\"accepted[0]\" has no \"reason\"");
  expect_wrong(
      R"({"policy":1,"accepted":[{"benchmark":"a","metric":"b","until":"2027-02-30","reason":"r"}]})",
      "'2027-02-30', which is no day");
  expect_wrong(R"({"policy":1,"accepted":[{"benchmark":"a","metric":"b","until":"2027-02-20","reason":""}]})",
               "\"accepted[0].reason\" is not a text");
}

TEST(IsDay, KnowsTheCalendar) {
  EXPECT_TRUE(is_day("2028-02-29"));
  EXPECT_FALSE(is_day("2027-02-29"));
  EXPECT_FALSE(is_day("2027-13-01"));
  EXPECT_FALSE(is_day("2027-1-01"));
  EXPECT_FALSE(is_day("2027-+1-01"));
  EXPECT_FALSE(is_day("tomorrow"));
}

}  // namespace
}  // namespace trainbench::report
