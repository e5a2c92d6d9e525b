#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <vector>

#include "src/train/recipe.hpp"
#include "src/train/step_options.hpp"

namespace trainbench {

/// What a step hands to its optimizer.
struct OptimizerInput {
  double learning_rate = 0;              ///< read by torch::optim::SGD
  at::Tensor device_learning_rate = {};  ///< read by fused SGD: [1], on the parameters' device
  /// Taken by fused SGD alone: float32 [1] on the device; nothing is changed where it holds 1.
  std::optional<at::Tensor> found_inf = std::nullopt;
};

/// Stochastic gradient descent with momentum and weight decay, as the recipe says. A step is zero_grad,
/// backward, take_gradients, step.
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  /// Drops the gradients: they become undefined.
  virtual void zero_grad() = 0;

  /// The gradients that `step` is going to use, in float32 (or the parameters' wider type), of the parameters
  /// that have one. A scaler may change them in place.
  virtual const std::vector<at::Tensor>& take_gradients() = 0;

  /// Changes the parameters.
  virtual void step(const OptimizerInput& input) = 0;
};

/// torch::optim::SGD, the learning rate set on the host in every step.
std::unique_ptr<Optimizer> make_torch_sgd(const std::vector<at::Tensor>& parameters, const Recipe& recipe);

/// at::_fused_sgd_: one call (on a GPU a few kernels) for all parameters, the learning rate read on the
/// device. Parameters in float16 get a float32 master copy, which is what is updated, and is copied back.
/// Parameters must have their final device, type and memory format.
std::unique_ptr<Optimizer> make_fused_sgd(const std::vector<at::Tensor>& parameters, const Recipe& recipe);

std::unique_ptr<Optimizer> make_optimizer(OptimizerKind kind, const std::vector<at::Tensor>& parameters,
                                          const Recipe& recipe);

}  // namespace trainbench
