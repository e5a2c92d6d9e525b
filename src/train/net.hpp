#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace trainbench {

/// Any network, seen as the trainer needs it. The functions keep the module alive.
struct Net {
  std::string name;                                      // "resnet18"
  std::function<at::Tensor(const at::Tensor&)> forward;  // images [N,3,32,32] float32 -> logits [N,classes]
  std::vector<at::Tensor> parameters;                    // leaves that require gradients
  std::function<void(bool)> train_mode;                  // true: training, false: evaluation
  std::optional<double> flops_per_image;                 // of one training step, where a formula is known
};

/// A Net from any torch::nn::Module in a shared pointer (or ModuleHolder) that has `forward(Tensor)`.
template <class ModulePointer>
Net net_from(const std::string& name, ModulePointer module,
             std::optional<double> flops_per_image = std::nullopt) {
  return {.name = name,
          .forward = [module](const at::Tensor& images) { return module->forward(images); },
          .parameters = module->parameters(),
          .train_mode = [module](bool on) { module->train(on); },
          .flops_per_image = flops_per_image};
}

}  // namespace trainbench
