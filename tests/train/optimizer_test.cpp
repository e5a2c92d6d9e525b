#include "src/train/optimizer.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <vector>

namespace trainbench {
namespace {

constexpr Recipe kRecipe{.learning_rate = 0.1};
constexpr std::int64_t kSteps = 8;

at::Tensor wave(at::IntArrayRef sizes, double phase, at::ScalarType type) {
  std::int64_t elements = 1;
  for (const std::int64_t size : sizes) elements *= size;
  // A tensor of its own: torch::optim::SGD refuses gradients that are views.
  return at::sin(at::arange(elements, at::kDouble) * 0.37 + phase).reshape(sizes).to(type).clone();
}

/// A weight of each kind: two convolutions, 3x3 and 1x1, a matrix, a vector.
std::vector<at::Tensor> weights(at::ScalarType type, at::MemoryFormat format) {
  std::vector<at::Tensor> made = {wave({4, 3, 3, 3}, 0, type).contiguous(format),
                                  wave({4, 5, 1, 1}, 1, type).contiguous(format), wave({6, 5}, 2, type),
                                  wave({33}, 3, type)};
  for (at::Tensor& weight : made) weight.requires_grad_();
  return made;
}

/// The parameters after kSteps steps with gradients that come in plain contiguous memory.
std::vector<at::Tensor> trained(OptimizerKind kind, at::ScalarType type, at::MemoryFormat format) {
  std::vector<at::Tensor> parameters = weights(type, format);
  const std::unique_ptr<Optimizer> optimizer = make_optimizer(kind, parameters, kRecipe);
  for (std::int64_t step = 0; step < kSteps; ++step) {
    optimizer->zero_grad();
    for (at::Tensor& parameter : parameters) {
      EXPECT_FALSE(parameter.grad().defined());
      parameter.mutable_grad() = wave(parameter.sizes(), static_cast<double>(step) + 0.5, type)
                                     .contiguous(at::MemoryFormat::Contiguous);
    }
    const double rate = learning_rate_at(kRecipe, step, kSteps);
    optimizer->take_gradients();
    optimizer->step({.learning_rate = rate, .device_learning_rate = at::full({1}, rate, type)});
  }
  for (at::Tensor& parameter : parameters) parameter = parameter.detach();
  return parameters;
}

double largest_difference(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, (a[i].to(at::kDouble) - b[i].to(at::kDouble)).abs().max().item<double>());
  }
  return largest;
}

constexpr auto kContiguous = at::MemoryFormat::Contiguous;
constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;

TEST(FusedSgd, EqualsTorchSgdOverTheScheduleInFloat64FromTheFirstStepOn) {
  const auto expected = trained(OptimizerKind::sgd, at::kDouble, kContiguous);
  EXPECT_GT(largest_difference(expected, weights(at::kDouble, kContiguous)), 0.1);
  EXPECT_LT(largest_difference(trained(OptimizerKind::fused_sgd, at::kDouble, kContiguous), expected), 1e-14);
}

TEST(FusedSgd, EqualsTorchSgdInFloat32UpToRounding) {
  const auto expected = trained(OptimizerKind::sgd, at::kFloat, kContiguous);
  // Values of about 1 over 8 steps: a few units in the last place (1.2e-7).
  EXPECT_LT(largest_difference(trained(OptimizerKind::fused_sgd, at::kFloat, kContiguous), expected), 1e-6);
}

// at::_fused_sgd_ walks weights and gradients as flat memory: with contiguous gradients of channels_last
// weights it was silently wrong on the CPU.
TEST(FusedSgd, OrdersContiguousGradientsAsTheirChannelsLastWeights) {
  const auto expected = trained(OptimizerKind::sgd, at::kDouble, kContiguous);
  const auto fused = trained(OptimizerKind::fused_sgd, at::kDouble, kChannelsLast);
  EXPECT_TRUE(fused[0].is_contiguous(kChannelsLast));
  EXPECT_FALSE(fused[0].is_contiguous());
  EXPECT_LT(largest_difference(fused, expected), 1e-14);
}

TEST(FusedSgd, TakesGradientsInExactlyTheStridesOfTheirWeights) {
  std::vector<at::Tensor> parameters = weights(at::kFloat, kChannelsLast);
  const auto optimizer = make_fused_sgd(parameters, kRecipe);
  for (at::Tensor& parameter : parameters) parameter.mutable_grad() = wave(parameter.sizes(), 0, at::kFloat);
  const at::Tensor pointwise = parameters[1].grad();
  const std::vector<at::Tensor>& gradients = optimizer->take_gradients();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    EXPECT_EQ(gradients[i].strides(), parameters[i].strides());
    EXPECT_TRUE(gradients[i].equal(parameters[i].grad()));
  }
  EXPECT_EQ(gradients[1].const_data_ptr(), pointwise.const_data_ptr()) << "a 1x1 kernel needs no copy";
}

TEST(FusedSgd, ChangesNothingWhereFoundInfIsSetNorTheMomentum) {
  std::vector<at::Tensor> parameters = {at::ones({5}).requires_grad_()};
  const auto optimizer = make_fused_sgd(parameters, {.momentum = 0.9, .weight_decay = 0});
  const auto step = [&](double gradient, double found_inf) {
    optimizer->zero_grad();
    parameters[0].mutable_grad() = at::full({5}, gradient);
    optimizer->take_gradients();
    optimizer->step({.device_learning_rate = at::full({1}, 0.25), .found_inf = at::full({1}, found_inf)});
    return parameters[0][4].item<float>();
  };
  EXPECT_EQ(step(100, 1), 1);
  EXPECT_EQ(step(1, 0), 0.75);
  EXPECT_EQ(step(100, 1), 0.75);
  EXPECT_FLOAT_EQ(step(0, 0), 0.75F - 0.25F * 0.9F);
}

TEST(Optimizers, LeaveAParameterWithoutAGradientAlone) {
  for (const OptimizerKind kind : {OptimizerKind::sgd, OptimizerKind::fused_sgd}) {
    std::vector<at::Tensor> parameters = {at::ones({2}).requires_grad_(), at::ones({2}).requires_grad_()};
    const auto optimizer = make_optimizer(kind, parameters, kRecipe);
    parameters[1].mutable_grad() = at::ones({2});
    EXPECT_EQ(optimizer->take_gradients().size(), 1);
    optimizer->step({.learning_rate = 0.5, .device_learning_rate = at::full({1}, 0.5)});
    EXPECT_TRUE(parameters[0].equal(at::ones({2})));
    EXPECT_LT(parameters[1][0].item<float>(), 0.6);
  }
}

// 1 - 1e-5 is 1 in float16: without the master copy a hundred such steps would change nothing.
TEST(FusedSgd, Float16WeightsFollowTheirFloat32MasterCopy) {
  std::vector<at::Tensor> parameters = {at::ones({3}, at::kHalf).requires_grad_(),
                                        at::ones({3}, at::kFloat).requires_grad_()};
  const auto optimizer = make_fused_sgd(parameters, {.momentum = 0, .weight_decay = 0});
  for (int i = 0; i < 100; ++i) {
    optimizer->zero_grad();
    for (at::Tensor& parameter : parameters) {
      parameter.mutable_grad() = at::ones({3}, parameter.scalar_type());
    }
    for (const at::Tensor& gradient : optimizer->take_gradients()) {
      EXPECT_EQ(gradient.scalar_type(), at::kFloat);
    }
    optimizer->step({.device_learning_rate = at::full({1}, 1e-5)});
  }
  EXPECT_EQ(parameters[0].scalar_type(), at::kHalf);
  EXPECT_NEAR(parameters[1][0].item<double>(), 0.999, 1e-5);
  EXPECT_NEAR(parameters[0][0].item<double>(), 0.999, 5e-4);
  EXPECT_LT(parameters[0][0].item<double>(), 1);
}

// The check for overflow must see the float16 gradient's infinity in the float32 copy.
TEST(FusedSgd, TakesAFloat16OverflowIntoTheFloat32Gradient) {
  std::vector<at::Tensor> parameters = {at::ones({3}, at::kHalf).requires_grad_()};
  const auto optimizer = make_fused_sgd(parameters, kRecipe);
  parameters[0].mutable_grad() = at::full({3}, 60000, at::kHalf) * 2;
  EXPECT_TRUE(optimizer->take_gradients()[0].isinf().all().item<bool>());
}

}  // namespace
}  // namespace trainbench
