#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/linear.h>

#include <memory>

#include "src/train/runtime.hpp"
#include "src/train/trainer.hpp"

namespace trainbench {

/// A linear classifier on the raw pixels: the smallest net that learns the synthetic set.
class LinearNet : public torch::nn::Module {
 public:
  LinearNet() : layer_(register_module("layer", torch::nn::Linear(3 * 32 * 32, 10))) {}
  at::Tensor forward(const at::Tensor& images) { return layer_->forward(images.flatten(1)); }

 private:
  torch::nn::Linear layer_;
};

struct SmallTraining {
  double learning_rate = 0.01;
  std::uint64_t seed = 1;
  std::int64_t steps = 40;
  int workers = 0;
};

inline Trainer small_trainer(const SmallTraining& options = {}) {
  seed_torch(options.seed);
  BatchSource source = loader_source(make_synthetic(400, 100, 7),
                                     {.batch_size = 20, .workers = options.workers, .seed = options.seed});
  return Trainer(net_from("linear", std::make_shared<LinearNet>()), std::move(source),
                 {.learning_rate = options.learning_rate}, options.steps);
}

}  // namespace trainbench
