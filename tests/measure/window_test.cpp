#include "src/measure/window.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <thread>
#include <vector>

namespace trainbench {
namespace {

std::vector<double> ramp(std::size_t steps, double share) {
  std::vector<double> seconds(steps);
  for (std::size_t i = 0; i < steps; ++i) {
    seconds[i] = 1 + share * static_cast<double>(i) / static_cast<double>(steps);
  }
  return seconds;
}

std::vector<double> jump(std::size_t steps, double share) {
  std::vector<double> seconds(steps, 1.0);
  for (std::size_t i = steps / 2; i < steps; ++i) seconds[i] += share;
  return seconds;
}

TEST(Drift, IsTheLastThirdsMedianAgainstTheFirsts) {
  EXPECT_DOUBLE_EQ(*drift(std::vector<double>{2, 2, 9, 9, 3, 3}), 0.5);
  EXPECT_FALSE(drift(std::vector<double>{1, 1, 1, 1, 1}));
}

TEST(IsSteady, SeesARampAndAJump) {
  // Against the MAD of the whole window, which contains the drift, every one of these passed.
  for (const std::size_t steps : {12UL, 24UL, 200UL}) {
    for (const double share : {0.05, 0.1, 0.3, 0.5}) {
      EXPECT_FALSE(is_steady(ramp(steps, share))) << steps << " " << share;
      EXPECT_FALSE(is_steady(jump(steps, share))) << steps << " " << share;
    }
  }
}

TEST(IsSteady, LetsPassWhatDoesNotMatterAndWhatCannotBeTold) {
  EXPECT_TRUE(is_steady(ramp(24, 0.01)));
  EXPECT_TRUE(is_steady(jump(24, 0.019)));
  EXPECT_TRUE(is_steady(ramp(11, 0.5)));
}

TEST(IsSteady, TakesNoiseForDriftInFewWindows) {
  std::mt19937 random(1);
  std::normal_distribution<double> normal(1, 0.05);
  std::student_t_distribution<double> heavy(3);
  for (const std::size_t steps : {12UL, 24UL, 60UL, 200UL}) {
    int steady_normal = 0;
    int steady_heavy = 0;
    std::vector<double> seconds(steps);
    for (int window = 0; window < 1000; ++window) {
      for (double& second : seconds) second = normal(random);
      steady_normal += is_steady(seconds) ? 1 : 0;
      for (double& second : seconds) second = 1 + 0.05 * heavy(random);
      steady_heavy += is_steady(seconds) ? 1 : 0;
    }
    EXPECT_GE(steady_normal, 940) << steps;
    EXPECT_GE(steady_heavy, 940) << steps;
  }
}

TEST(WindowMetrics, AgreeWithEachOther) {
  const Window window{
      .seconds = 4, .cpu_seconds = 6, .data_wait_seconds = 0.4, .images = 100, .step_seconds = {1, 1, 2}};
  Metrics metrics;
  set_window_metrics(window, metrics);
  EXPECT_DOUBLE_EQ(metrics.at("images_per_second"), 25);
  EXPECT_DOUBLE_EQ(metrics.at("epoch_time_s"), 2000);  // 50,000 images
  EXPECT_DOUBLE_EQ(metrics.at("step_time_ms"), 1000);
  EXPECT_DOUBLE_EQ(metrics.at("cores_used"), 1.5);
  EXPECT_DOUBLE_EQ(metrics.at("data_wait_percent"), 10);
  EXPECT_EQ(metrics.at("steps"), 3);
}

TEST(WindowMetrics, WithoutImagesLeaveOutWhatIsPerImage) {
  Metrics metrics;
  set_window_metrics({.seconds = 1, .cpu_seconds = 1, .images = 0, .step_seconds = {1}}, metrics);
  EXPECT_FALSE(metrics.contains("images_per_second"));
  EXPECT_FALSE(metrics.contains("epoch_time_s"));
  EXPECT_TRUE(metrics.contains("step_time_ms"));
}

TEST(MeasureSteps, AddsSpansAndEveryStepBelongsToTheWindow) {
  int synchronized = 0;
  const SteppedWork work{.step = [] { return StepReport{.images = 4, .data_wait_seconds = 0.5}; },
                         .synchronize = [&] { ++synchronized; }};
  Window window;
  measure_steps(work, 3, window);
  measure_steps(work, 2, window);
  EXPECT_EQ(window.images, 20);
  EXPECT_EQ(window.data_wait_seconds, 2.5);
  EXPECT_EQ(synchronized, 2);  // at the end of each span
  double sum = 0;
  for (const double seconds : window.step_seconds) sum += seconds;
  EXPECT_EQ(window.step_seconds.size(), 5U);
  EXPECT_NEAR(sum, window.seconds, 1e-9);
}

TEST(MeasureSteps, CountsACallOfSeveralStepsAsThatManyEqualOnes) {
  int calls = 0;
  SteppedWork work{.step = [&] {
    ++calls;
    return StepReport{.images = 40, .data_wait_seconds = 0, .steps = 4};
  }};
  Window window;
  measure_steps(work, 10, window);
  EXPECT_EQ(calls, 3);  // 12 steps: a launch is not cut
  EXPECT_EQ(window.images, 120);
  ASSERT_EQ(window.step_seconds.size(), 12U);
  EXPECT_EQ(window.step_seconds[0], window.step_seconds[3]);
}

TEST(MeasureSteps, TakesTheStepsTimesFromTheDevicesClockWhereThereIsOne) {
  int marks = 0;
  SteppedWork work{.step = [] { return StepReport{.images = 1, .data_wait_seconds = 0, .steps = 2}; },
                   .mark = [&] { ++marks; },
                   .take_intervals =
                       [] {
                         return std::vector<double>{4.0, 6.0};
                       }};
  Window window;
  measure_steps(work, 4, window);
  EXPECT_EQ(marks, 3);  // before the first call and after each
  EXPECT_EQ(window.step_seconds, (std::vector<double>{2, 2, 3, 3}));
  EXPECT_LT(window.seconds, 1);  // the window's time stays the host's
}

}  // namespace
}  // namespace trainbench
