#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_copy.h>
#include <ATen/ops/_fused_sgd.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros_like.h>

#include "src/train/optimizer.hpp"

namespace trainbench {
namespace {

/// True where the elements lie in the same order: strides may differ only along sides of 1.
bool same_order(const at::Tensor& a, const at::Tensor& b) {
  for (std::int64_t side = 0; side < a.dim(); ++side) {
    if (a.size(side) > 1 && a.stride(side) != b.stride(side)) return false;
  }
  return true;
}

/// `gradient` with exactly the strides of `weight`. The fused kernel walks both as flat memory: on the CPU a
/// contiguous gradient of a channels_last weight is silently taken for another, on a GPU it is an error.
at::Tensor in_strides_of(const at::Tensor& weight, const at::Tensor& gradient) {
  if (gradient.strides() == weight.strides()) return gradient;
  if (same_order(weight, gradient)) return gradient.as_strided(weight.sizes(), weight.strides());
  return at::empty_like(weight).copy_(gradient);
}

class FusedSgd : public Optimizer {
 public:
  FusedSgd(const std::vector<at::Tensor>& parameters, const Recipe& recipe) : recipe_(recipe) {
    const at::NoGradGuard no_gradients;
    for (const at::Tensor& parameter : parameters) {
      const bool has_master = parameter.scalar_type() == at::kHalf;
      const at::Tensor weight = has_master ? parameter.detach().to(at::kFloat) : parameter.detach();
      slots_.push_back({.parameter = parameter,
                        .weight = weight,
                        // The first step multiplies it by the momentum: zeros are what an unset buffer means.
                        .momentum = recipe_.momentum == 0 ? at::Tensor() : at::zeros_like(weight),
                        .wide_gradient = has_master ? at::zeros_like(weight) : at::Tensor()});
    }
  }

  void zero_grad() override {
    // Of a step that was skipped.
    forget_step();
    for (const Slot& slot : slots_) slot.parameter.mutable_grad().reset();
  }

  const std::vector<at::Tensor>& take_gradients() override {
    const at::NoGradGuard no_gradients;
    forget_step();
    for (const Slot& slot : slots_) {
      if (!slot.parameter.grad().defined()) continue;
      weights_.push_back(slot.weight);
      if (slot.momentum.defined()) momenta_.push_back(slot.momentum);
      const at::Tensor gradient = in_strides_of(slot.parameter, slot.parameter.grad());
      if (slot.wide_gradient.defined()) {
        narrow_parameters_.push_back(slot.parameter);
        masters_.push_back(slot.weight);
        narrow_gradients_.push_back(gradient);
        wide_gradients_.push_back(slot.wide_gradient);
        gradients_.push_back(slot.wide_gradient);
      } else {
        gradients_.push_back(gradient);
      }
    }
    if (!wide_gradients_.empty()) at::_foreach_copy_(wide_gradients_, narrow_gradients_);
    return gradients_;
  }

  void step(const OptimizerInput& input) override {
    const at::NoGradGuard no_gradients;
    if (!weights_.empty()) {
      at::_fused_sgd_(weights_, gradients_, momenta_, recipe_.weight_decay, recipe_.momentum,
                      input.device_learning_rate, /*dampening=*/0, /*nesterov=*/false, /*maximize=*/false,
                      /*is_first_step=*/false, /*grad_scale=*/std::nullopt, input.found_inf);
    }
    if (!masters_.empty()) at::_foreach_copy_(narrow_parameters_, masters_);
    forget_step();
  }

 private:
  struct Slot {
    at::Tensor parameter;
    at::Tensor weight;         // what is updated: the parameter's own memory, or its float32 master copy
    at::Tensor momentum;       // undefined for momentum 0: the operator wants no buffers then
    at::Tensor wide_gradient;  // float32, where there is a master copy; else undefined
  };

  void forget_step() {
    for (auto* list : {&weights_, &momenta_, &gradients_, &narrow_parameters_, &masters_, &narrow_gradients_,
                       &wide_gradients_}) {
      list->clear();
    }
  }

  Recipe recipe_;
  std::vector<Slot> slots_;
  // Of the step that is going on, of the parameters that have a gradient.
  std::vector<at::Tensor> weights_;
  std::vector<at::Tensor> momenta_;
  std::vector<at::Tensor> gradients_;
  // Of those with a master copy.
  std::vector<at::Tensor> narrow_parameters_;
  std::vector<at::Tensor> masters_;
  std::vector<at::Tensor> narrow_gradients_;
  std::vector<at::Tensor> wide_gradients_;
};

}  // namespace

std::unique_ptr<Optimizer> make_fused_sgd(const std::vector<at::Tensor>& parameters, const Recipe& recipe) {
  return std::make_unique<FusedSgd>(parameters, recipe);
}

}  // namespace trainbench
