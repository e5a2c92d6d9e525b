#include "src/train/recipe.hpp"

#include <gtest/gtest.h>

namespace trainbench {
namespace {

constexpr Recipe kPeakTenth{.learning_rate = 0.1};

TEST(LearningRate, OneCycleEqualsPyTorchsSchedulerStepByStep) {
  // torch 2.11.0: OneCycleLR(max_lr=0.1, total_steps=100, cycle_momentum=False)
  EXPECT_NEAR(learning_rate_at(kPeakTenth, 0, 100), 0.0040000000000000036, 1e-16);
  EXPECT_NEAR(learning_rate_at(kPeakTenth, 1, 100), 0.004281378056590748, 1e-16);
  EXPECT_NEAR(learning_rate_at(kPeakTenth, 29, 100), 0.1, 1e-16);
  EXPECT_NEAR(learning_rate_at(kPeakTenth, 30, 100), 0.09994965352845243, 1e-16);
  EXPECT_NEAR(learning_rate_at(kPeakTenth, 50, 100), 0.0793893450575732, 1e-16);
  EXPECT_NEAR(learning_rate_at(kPeakTenth, 99, 100), 4e-07, 1e-18);
}

TEST(LearningRate, OneCycleOfVeryFewStepsIsStillPyTorchs) {
  EXPECT_NEAR(learning_rate_at(kPeakTenth, 0, 2), 0.0811745653949763, 1e-16);
  EXPECT_NEAR(learning_rate_at(kPeakTenth, 1, 2), 4e-07, 1e-18);
}

TEST(LearningRate, StaysTheLastBeyondTheEndOfTheSchedule) {
  EXPECT_DOUBLE_EQ(learning_rate_at(kPeakTenth, 1000, 100), learning_rate_at(kPeakTenth, 99, 100));
}

TEST(LearningRate, ConstantIsConstant) {
  const Recipe recipe{.learning_rate = 0.25, .schedule = Schedule::constant};
  EXPECT_EQ(learning_rate_at(recipe, 0, 10), 0.25);
  EXPECT_EQ(learning_rate_at(recipe, 9, 10), 0.25);
}

}  // namespace
}  // namespace trainbench
