#include "src/train/step_tables.hpp"

#include <ATen/ops/full.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace trainbench {
namespace {

constexpr Recipe kTableRecipe{.learning_rate = 0.1};

/// One step whose loss is `loss`; returns the learning rate it saw.
float step(StepTables& tables, double loss) {
  tables.begin(1);
  const auto rate = tables.learning_rate().item<float>();
  tables.finish_step(at::full({}, loss, at::kFloat));
  return rate;
}

TEST(StepTables, GiveTheScheduleOfTheHostRoundedToFloat) {
  StepTables tables(kTableRecipe, 10, 4, at::kCPU);
  for (std::int64_t i = 0; i < 10; ++i) {
    EXPECT_EQ(step(tables, 0), static_cast<float>(learning_rate_at(kTableRecipe, i, 10)));
  }
}

TEST(StepTables, KeepTheLastLearningRateAndEveryLossFarBeyondTheSchedule) {
  StepTables tables(kTableRecipe, 3, 4, at::kCPU);
  std::vector<double> expected;
  for (int i = 0; i < 50; ++i) {
    const float rate = step(tables, i);
    EXPECT_EQ(rate, static_cast<float>(learning_rate_at(kTableRecipe, std::min(i, 2), 3)));
    EXPECT_EQ(tables.last_loss(), i);
    expected.push_back(i);
  }
  EXPECT_EQ(tables.take_losses(), expected);
}

TEST(StepTables, GiveEachLossOnce) {
  StepTables tables(kTableRecipe, 8, 4, at::kCPU);
  step(tables, 1);
  step(tables, 2);
  EXPECT_EQ(tables.take_losses(), (std::vector<double>{1, 2}));
  EXPECT_TRUE(tables.take_losses().empty());
  step(tables, 3);
  EXPECT_EQ(tables.take_losses(), (std::vector<double>{3}));
  EXPECT_EQ(tables.last_loss(), 3);
}

TEST(StepTables, HaveRoomForSeveralStepsOfOneLaunchAtTheEnd) {
  StepTables tables(kTableRecipe, 2, 3, at::kCPU);
  std::vector<double> expected;
  for (int launch = 0; launch < 7; ++launch) {
    tables.begin(3);
    for (int i = 0; i < 3; ++i) {
      expected.push_back(3 * launch + i);
      tables.finish_step(at::full({1}, expected.back(), at::kFloat));
    }
  }
  EXPECT_EQ(tables.take_losses(), expected);
}

}  // namespace
}  // namespace trainbench
