#include "src/train/optimizer.hpp"

#include <torch/optim/sgd.h>

namespace trainbench {
namespace {

class TorchSgd : public Optimizer {
 public:
  TorchSgd(const std::vector<at::Tensor>& parameters, const Recipe& recipe)
      : parameters_(parameters),
        sgd_(parameters, torch::optim::SGDOptions(recipe.learning_rate)
                             .momentum(recipe.momentum)
                             .weight_decay(recipe.weight_decay)) {}

  void zero_grad() override {
    // Of a step that was skipped.
    gradients_.clear();
    sgd_.zero_grad();
  }

  const std::vector<at::Tensor>& take_gradients() override {
    gradients_.clear();
    for (const at::Tensor& parameter : parameters_) {
      if (parameter.grad().defined()) gradients_.push_back(parameter.grad());
    }
    return gradients_;
  }

  void step(const OptimizerInput& input) override {
    for (auto& group : sgd_.param_groups()) group.options().set_lr(input.learning_rate);
    sgd_.step();
    gradients_.clear();
  }

 private:
  std::vector<at::Tensor> parameters_;
  std::vector<at::Tensor> gradients_;
  torch::optim::SGD sgd_;
};

}  // namespace

std::unique_ptr<Optimizer> make_torch_sgd(const std::vector<at::Tensor>& parameters, const Recipe& recipe) {
  return std::make_unique<TorchSgd>(parameters, recipe);
}

std::unique_ptr<Optimizer> make_optimizer(OptimizerKind kind, const std::vector<at::Tensor>& parameters,
                                          const Recipe& recipe) {
  switch (kind) {
    case OptimizerKind::sgd:
      return make_torch_sgd(parameters, recipe);
    case OptimizerKind::fused_sgd:
      return make_fused_sgd(parameters, recipe);
  }
  return nullptr;
}

}  // namespace trainbench
