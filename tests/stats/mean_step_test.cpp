#include "src/stats/mean_step.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace trainbench::stats {
namespace {

const std::vector<double> kFiveBefore = {1.00, 1.02, 1.05, .95, .98};
const std::vector<double> kFiveAfter = {.80, .82, .85, .79, .77};

TEST(ExactMoments, OfEqualValuesAreTheValueAndZero) {
  const Moments equal = exact_moments(std::vector<double>(7, 100.1));
  EXPECT_EQ(equal.mean, 100.1);
  EXPECT_EQ(equal.variance, 0);
  const Moments one = exact_moments(std::vector<double>{3});
  EXPECT_EQ(one.mean, 3);
  EXPECT_EQ(one.variance, 0);
  const Moments some = exact_moments(std::vector<double>{1, 2, 6});
  EXPECT_DOUBLE_EQ(some.mean, 3);
  EXPECT_DOUBLE_EQ(some.variance, 7);
}

TEST(StepP, IsWelchsAndNotThatOfStudentNorOtava) {
  EXPECT_NEAR(step_p(exact_moments(kFiveBefore), exact_moments(kFiveAfter)), 2.71405e-05, 5e-11);
  EXPECT_NEAR(step_p(exact_moments(kFiveAfter), exact_moments(kFiveBefore)), 2.71405e-05, 5e-11);
}

TEST(StepP, GrowsWithTheInflationOfTheVariances) {
  const Moments before = exact_moments(kFiveBefore);
  const Moments after = exact_moments(kFiveAfter);
  const auto wider = [](Moments side) {
    side.variance *= 3;
    return side;
  };
  EXPECT_NEAR(step_p(before, after, {.inflation = 3}),
              welch_t_test(wider(before), wider(after), 0.95)->p_two_sided, 1e-15);
}

TEST(StepP, WithoutAnyNoiseIsCertain) {
  const Moments low{.mean = 1, .variance = 0, .n = 5};
  const Moments high{.mean = 2, .variance = 0, .n = 5};
  EXPECT_EQ(step_p(low, high), 0);
  EXPECT_EQ(step_p(low, low), 1);
  EXPECT_EQ(step_p({.mean = 1, .variance = 0, .n = 1}, high), 1);
}

TEST(StepP, OfTwoQuietSidesTakesTheNoiseOfTheSeries) {
  const Moments low{.mean = 1, .variance = 0, .n = 3};
  const Moments high{.mean = 2, .variance = 0, .n = 3};
  const double p = step_p(low, high, {.variance = 0.25});
  EXPECT_NEAR(p, 0.0705, 0.0005);  // t 2.449 at 4 degrees of freedom
}

TEST(StepP, DoesNotDependOnTheScaleHoweverSmall) {
  std::vector<double> before = kFiveBefore;
  std::vector<double> after = kFiveAfter;
  for (double& value : before) value *= 1e-140;
  for (double& value : after) value *= 1e-140;
  EXPECT_NEAR(step_p(exact_moments(before), exact_moments(after)), 2.71405e-05, 5e-11);
}

}  // namespace
}  // namespace trainbench::stats
