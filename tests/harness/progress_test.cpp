#include "src/harness/progress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trainbench {
namespace {

TEST(RemainingTime, FallsAsTheRunningCaseAdvances) {
  double before = remaining_of(100, 0, 0);
  EXPECT_EQ(before, 100);
  for (double done = 10; done <= 100; done += 10) {
    const double left = remaining_of(100, done, 2 * done);  // twice as slow as estimated
    EXPECT_LT(left, 2 * before);
    EXPECT_DOUBLE_EQ(left, 2 * (100 - done));
    before = left;
  }
}

TEST(RemainingTime, CountsTheStepsOfTheTrainingAlone) {
  EXPECT_EQ(share_of_case({.phase = "train", .step = 3, .steps = 12}), 0.25);
  EXPECT_EQ(share_of_case({.phase = "warm-up", .step = 3, .steps = 3}), 0);
}

TEST(RoughDuration, ChoosesTheUnitThatAPersonWould) {
  EXPECT_EQ(rough_duration(4.6), "5 s");
  EXPECT_EQ(rough_duration(99), "99 s");
  EXPECT_EQ(rough_duration(150), "2 min");
  EXPECT_EQ(rough_duration(4800), "1 h 20 min");
}

TEST(Progress, WritesOnePlainLineForEachFinishedCaseWhereStderrIsNoTerminal) {
  testing::internal::CaptureStderr();
  Progress progress(2, 10);
  progress.begin_case("Exp1/batch:8", 0, 5);
  progress.update({.phase = "train", .step = 1, .steps = 2, .images_per_second = 5});
  CaseResult good;
  good.metrics = {{"step_time_ms", 12.5}, {"images_per_second", 640}};
  progress.end_case(good);
  progress.begin_case("Exp1/batch:8", 1, 5);
  CaseResult bad;
  bad.status = CaseStatus::failed;
  bad.reason = "It broke.";
  progress.end_case(bad);
  progress.clear();
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "[1/2] Exp1/batch:8 #1  12.50 ms per step, 640.0 images/s\n"
            "[2/2] Exp1/batch:8 #2  failed: It broke.\n");
}

}  // namespace
}  // namespace trainbench
