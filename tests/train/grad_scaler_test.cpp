#include "src/train/grad_scaler.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linspace.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "src/base/errors.hpp"

namespace trainbench {
namespace {

std::vector<at::Tensor> gradients(double last) {
  return {at::linspace(-1, 1, 7, at::kFloat), at::full({2, 3}, last, at::kFloat)};
}

void take_step(GradScaler& scaler, double gradient) {
  scaler.unscale(gradients(gradient));
  scaler.update();
}

constexpr double kOverflow = std::numeric_limits<double>::infinity();

TEST(GradScaler, ScalesTheLossAndDividesTheGradientsByTheSamePowerOfTwoExactly) {
  const GradScaler scaler({}, at::kCPU);
  at::Tensor weight = at::linspace(-1, 1, 7, at::kFloat).requires_grad_();
  weight.exp().sum().backward();
  const at::Tensor plain = weight.grad().clone();
  weight.mutable_grad().reset();
  GradScaler scaled({}, at::kCPU);
  scaled.scale(weight.exp().sum()).backward();
  EXPECT_TRUE(weight.grad().equal(plain * 65536));
  const std::vector<at::Tensor> of_step = {weight.grad()};
  scaled.unscale(of_step);
  EXPECT_TRUE(weight.grad().equal(plain));
  EXPECT_FALSE(scaled.found_overflow());
}

TEST(GradScaler, HalvesTheScaleAndCountsASkippedStepWhereAGradientIsNotFinite) {
  for (const double bad : {kOverflow, -kOverflow, std::numeric_limits<double>::quiet_NaN()}) {
    GradScaler scaler({}, at::kCPU);
    scaler.unscale(gradients(bad));
    EXPECT_TRUE(scaler.found_overflow());
    EXPECT_EQ(scaler.found_inf().item<float>(), 1);
    scaler.update();
    EXPECT_EQ(scaler.state().scale, 32768);
    EXPECT_EQ(scaler.state().skipped_steps, 1);
  }
}

TEST(GradScaler, ForgetsAnOverflowAtTheNextUnscale) {
  GradScaler scaler({}, at::kCPU);
  take_step(scaler, kOverflow);
  take_step(scaler, 1);
  EXPECT_FALSE(scaler.found_overflow());
  EXPECT_EQ(scaler.state().skipped_steps, 1);
  EXPECT_EQ(scaler.state().scale, 32768);
}

TEST(GradScaler, DoublesTheScaleAfterTheIntervalWithoutOverflow) {
  GradScaler scaler({.initial_scale = 8, .growth_interval = 3}, at::kCPU);
  take_step(scaler, 1);
  take_step(scaler, 1);
  EXPECT_EQ(scaler.state().scale, 8);
  take_step(scaler, 1);
  EXPECT_EQ(scaler.state().scale, 16);
  EXPECT_EQ(scaler.state().steps_since_overflow, 0);
}

TEST(GradScaler, AnOverflowStartsTheIntervalAgain) {
  GradScaler scaler({.initial_scale = 8, .growth_interval = 3}, at::kCPU);
  take_step(scaler, 1);
  take_step(scaler, 1);
  take_step(scaler, kOverflow);
  take_step(scaler, 1);
  take_step(scaler, 1);
  EXPECT_EQ(scaler.state().scale, 4);
  take_step(scaler, 1);
  EXPECT_EQ(scaler.state().scale, 8);
}

TEST(GradScaler, TakesItsFactorsFromTheOptions) {
  GradScaler scaler({.initial_scale = 100, .growth_factor = 3, .backoff_factor = 0.1, .growth_interval = 1},
                    at::kCPU);
  take_step(scaler, 1);
  EXPECT_DOUBLE_EQ(scaler.state().scale, 300);
  take_step(scaler, kOverflow);
  EXPECT_NEAR(scaler.state().scale, 30, 1e-5);
}

TEST(GradScaler, GoesOnFromASavedStateInTheSameTensors) {
  GradScaler first({.initial_scale = 8, .growth_interval = 3}, at::kCPU);
  take_step(first, kOverflow);
  take_step(first, 1);
  take_step(first, 1);
  const GradScalerState saved = first.state();
  EXPECT_EQ(saved.scale, 4);
  EXPECT_EQ(saved.steps_since_overflow, 2);
  EXPECT_EQ(saved.skipped_steps, 1);

  GradScaler second({.initial_scale = 1024, .growth_interval = 3}, at::kCPU);
  const void* address = second.found_inf().const_data_ptr();
  second.restore(saved);
  take_step(second, 1);
  EXPECT_EQ(second.state().scale, 8);
  EXPECT_EQ(second.state().skipped_steps, 1);
  EXPECT_EQ(second.found_inf().const_data_ptr(), address);
}

TEST(GradScaler, SaysThatNoScaleHelpsOnceOverflowsHaveBroughtItBelowTheFloor) {
  GradScaler scaler({.initial_scale = 4}, at::kCPU);
  take_step(scaler, kOverflow);
  take_step(scaler, kOverflow);
  EXPECT_EQ(scaler.state().scale, 1);
  EXPECT_NO_THROW(scaler.require_above_floor());
  take_step(scaler, kOverflow);
  try {
    scaler.require_above_floor();
    FAIL() << "a scale of 0.5 must not pass";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(),
                testing::HasSubstr("overflowed in 3 steps, which brought the loss scale to 0.5"));
  }
}

}  // namespace
}  // namespace trainbench
