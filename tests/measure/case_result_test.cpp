#include "src/measure/case_result.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/errors.hpp"

namespace trainbench {
namespace {

using testing::HasSubstr;

CaseResult full_result() {
  CaseResult result;
  result.benchmark = "Exp1_CPU_1T/batch:128";
  result.repetition = 3;
  result.seed = 9007199254740993ULL;  // 2^53 + 1: lost where it passes through a double
  result.status = CaseStatus::failed;
  result.reason = "The loss is not finite at step 7.";
  result.window_seconds = 1.5;
  result.step_seconds = {0.25, 0.125};
  result.metrics = {{"images_per_second", 180.25}, {"steps", 2}};
  result.measurement = {{"data_set", "synthetic"}, {"threads", "1"}};
  result.epochs = {{.epoch = 1, .mean_loss = 2.25, .test_accuracy = 12.5, .seconds = 3.5}};
  result.warnings = {"The window drifts by 7 %."};
  result.noted = {{"sm_clock_mhz", "1755"}};
  result.injected = "slow:20";
  return result;
}

TEST(CaseResult, ComesBackFromItsLineAsItWas) {
  const CaseResult written = full_result();
  const json::value value = parse_json(to_json_line(to_json(written)), "line");
  const CaseResult read = case_result_from_json(value.get_object());
  EXPECT_EQ(read.benchmark, written.benchmark);
  EXPECT_EQ(read.repetition, written.repetition);
  EXPECT_EQ(read.seed, written.seed);
  EXPECT_EQ(read.status, written.status);
  EXPECT_EQ(read.reason, written.reason);
  EXPECT_EQ(read.window_seconds, written.window_seconds);
  EXPECT_EQ(read.step_seconds, written.step_seconds);
  EXPECT_EQ(read.metrics, written.metrics);
  EXPECT_EQ(read.measurement, written.measurement);
  ASSERT_EQ(read.epochs.size(), 1U);
  EXPECT_EQ(read.epochs[0].epoch, 1);
  EXPECT_EQ(read.epochs[0].mean_loss, 2.25);
  EXPECT_EQ(read.epochs[0].test_accuracy, 12.5);
  EXPECT_EQ(read.epochs[0].seconds, 3.5);
  EXPECT_EQ(read.warnings, written.warnings);
  EXPECT_EQ(read.noted, written.noted);
  EXPECT_EQ(read.injected, written.injected);
  EXPECT_EQ(read.measurement_fingerprint(), written.measurement_fingerprint());
}

TEST(CaseResult, NeedsOnlyTheMembersThatNameIt) {
  const json::value value =
      parse_json(R"({"benchmark":"x","repetition":0,"seed":1,"status":"ok","of_the_future":[1]})", "line");
  const CaseResult read = case_result_from_json(value.get_object());
  EXPECT_EQ(read.status, CaseStatus::ok);
  EXPECT_TRUE(read.metrics.empty());
}

TEST(CaseResult, IsRefusedWithTheMemberThatIsMissingOrWrong) {
  for (const char* key : {"benchmark", "repetition", "seed", "status"}) {
    json::object object = to_json(full_result());
    object.erase(key);
    try {
      case_result_from_json(object);
      ADD_FAILURE() << "taken without " << key;
    } catch (const InputError& error) {
      EXPECT_EQ(error.code(), ExitCode::unreadable);
      EXPECT_THAT(error.what(), HasSubstr(key));
    }
  }
  json::object object = to_json(full_result());
  object["status"] = "exploded";
  EXPECT_THROW(case_result_from_json(object), InputError);
}

TEST(CaseStatus, HasAWordEach) {
  EXPECT_EQ(to_string(CaseStatus::ok), "ok");
  EXPECT_EQ(to_string(CaseStatus::failed), "failed");
  EXPECT_EQ(to_string(CaseStatus::skipped), "skipped");
}

}  // namespace
}  // namespace trainbench
