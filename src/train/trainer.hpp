#pragma once

#include <ATen/core/Tensor.h>
#include <torch/optim/sgd.h>

#include <cstdint>
#include <vector>

#include "src/measure/window.hpp"
#include "src/train/batch_source.hpp"
#include "src/train/net.hpp"
#include "src/train/recipe.hpp"

namespace trainbench {

/// Trains a net by stochastic gradient descent with momentum, one batch a step: the loop that a LibTorch
/// tutorial would write. Everything that later makes it faster is an option of this class.
class Trainer {
 public:
  /// `total_steps` is the length of the learning-rate schedule.
  Trainer(Net net, BatchSource source, const Recipe& recipe, std::int64_t total_steps);

  /// Next batch, forward, cross-entropy, backward, SGD. The loss stays where it was computed until it is
  /// asked for; on the CPU, where looking costs nothing, throws InputError at once where it is not finite.
  StepReport step();

  /// Mean loss of the steps since the last call (or the start).
  /// Throws InputError that names the first step whose loss is not finite.
  double take_mean_loss();

  /// Loss of the last step. Throws std::logic_error before the first.
  double last_loss() const;

  /// Share of the first `images` test images (all where 0 or more than there are) that are classified
  /// rightly, in percent; in evaluation and inference mode. Nothing where there are no test images.
  std::optional<double> test_accuracy(std::int64_t images);

  /// How many images test_accuracy(images) looks at.
  std::int64_t evaluated_images(std::int64_t images) const noexcept;

  const BatchSource& source() const noexcept { return source_; }
  const Net& net() const noexcept { return net_; }

 private:
  void require_finite(double loss, std::int64_t step) const;

  Net net_;
  BatchSource source_;
  Recipe recipe_;
  std::int64_t total_steps_;
  torch::optim::SGD optimizer_;
  std::int64_t steps_done_ = 0;
  std::vector<at::Tensor> losses_;  // of the steps since the last take_mean_loss, each a scalar
  double last_loss_taken_ = 0;
};

}  // namespace trainbench
