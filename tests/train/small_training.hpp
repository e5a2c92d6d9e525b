#pragma once

#include <ATen/ops/relu.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include <memory>
#include <vector>

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

/// Two linear layers with a batch normalisation between them: has everything that precision half tells apart.
class NormalisedNet : public torch::nn::Module {
 public:
  at::Tensor forward(const at::Tensor& images) {
    return last_->forward(at::relu(norm_->forward(first_->forward(images.flatten(1)))));
  }

 private:
  torch::nn::Linear first_ = register_module("first", torch::nn::Linear(3 * 32 * 32, 16));
  torch::nn::BatchNorm1d norm_ = register_module("norm", torch::nn::BatchNorm1d(16));
  torch::nn::Linear last_ = register_module("last", torch::nn::Linear(16, 10));
};

/// A convolution 3x3 of stride 4, batch normalisation, a convolution 1x1 and a linear layer.
class ConvolutionNet : public torch::nn::Module {
 public:
  at::Tensor forward(const at::Tensor& images) {
    const at::Tensor x = at::relu(norm_->forward(first_->forward(images)));
    return last_->forward(at::relu(second_->forward(x)).flatten(1));
  }

 private:
  torch::nn::Conv2d first_ =
      register_module("first", torch::nn::Conv2d(torch::nn::Conv2dOptions(3, 8, 3).stride(4).padding(1)));
  torch::nn::BatchNorm2d norm_ = register_module("norm", torch::nn::BatchNorm2d(8));
  torch::nn::Conv2d second_ = register_module("second", torch::nn::Conv2d(torch::nn::Conv2dOptions(8, 8, 1)));
  torch::nn::Linear last_ = register_module("last", torch::nn::Linear(8 * 8 * 8, 10));
};

struct SmallTraining {
  double learning_rate = 0.01;
  std::uint64_t seed = 1;
  std::int64_t steps = 40;
  int workers = 0;
};

inline BatchSource small_source(const SmallTraining& options = {}) {
  return loader_source(make_synthetic(400, 100, 7),
                       {.batch_size = 20, .workers = options.workers, .seed = options.seed});
}

inline Trainer small_trainer(const SmallTraining& options = {}) {
  seed_torch(options.seed);
  BatchSource source = small_source(options);
  return Trainer(net_from("linear", std::make_shared<LinearNet>()), std::move(source),
                 {.learning_rate = options.learning_rate}, options.steps);
}

/// A trainer of a `Module` with options, on `source` or on small_source.
template <class Module>
std::unique_ptr<Trainer> trainer_of(const StepOptions& step, const SmallTraining& options = {},
                                    std::optional<BatchSource> source = std::nullopt,
                                    at::Device device = at::kCPU) {
  seed_torch(options.seed);
  return std::make_unique<Trainer>(
      net_from("small", std::make_shared<Module>()), source ? std::move(*source) : small_source(options),
      Recipe{.learning_rate = options.learning_rate}, options.steps, step, device);
}

inline std::vector<double> losses_of(Trainer& trainer, std::int64_t steps) {
  std::vector<double> losses;
  for (std::int64_t i = 0; i < steps; ++i) {
    trainer.step();
    losses.push_back(trainer.last_loss());
  }
  return losses;
}

}  // namespace trainbench
