#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace torch::nn {
class Module;
}  // namespace torch::nn

namespace trainbench {

/// Any network, seen as the trainer needs it. The functions keep the module alive.
struct Net {
  std::string name;                                      // "resnet18"
  std::function<at::Tensor(const at::Tensor&)> forward;  // images [N,3,32,32] float32 -> logits [N,classes]
  std::vector<at::Tensor> parameters;                    // leaves that require gradients
  std::function<void(bool)> train_mode;                  // true: training, false: evaluation
  std::optional<double> flops_per_image;                 // of one training step, where a formula is known
  // Parameters and buffers to a device; with channels_last also 4-D parameters to that memory format. The
  // tensors of `parameters` stay the same handles.
  std::function<void(at::Device, bool channels_last)> move_to = nullptr;
  std::vector<bool> keeps_float32 =
      {};  // per parameter: of a normalisation layer, float32 in Precision::half
  std::vector<std::string> parameter_names = {};  // "layer1.0.conv1.weight": a profiler's layers; or empty
  std::vector<at::Tensor> buffers = {};           // as `parameters`, without gradients; or empty
};

/// See Net::move_to.
void move_module(torch::nn::Module& module, at::Device device, bool channels_last);

/// See Net::keeps_float32: true for the parameters of modules that own running statistics.
std::vector<bool> parameters_kept_in_float32(const torch::nn::Module& module);

/// See Net::parameter_names: in the order of Module::parameters().
std::vector<std::string> parameter_names_of(const torch::nn::Module& module);

/// Makes the parameters float16, in place, but for those that keep float32.
/// Throws std::logic_error where the net does not say which.
void make_half(const Net& net);

/// A Net from any torch::nn::Module in a shared pointer (or ModuleHolder) that has `forward(Tensor)`.
template <class ModulePointer>
Net net_from(const std::string& name, ModulePointer module,
             std::optional<double> flops_per_image = std::nullopt) {
  return {.name = name,
          .forward = [module](const at::Tensor& images) { return module->forward(images); },
          .parameters = module->parameters(),
          .train_mode = [module](bool on) { module->train(on); },
          .flops_per_image = flops_per_image,
          .move_to = [module](at::Device device,
                              bool channels_last) { move_module(*module, device, channels_last); },
          .keeps_float32 = parameters_kept_in_float32(*module),
          .parameter_names = parameter_names_of(*module),
          .buffers = module->buffers()};
}

}  // namespace trainbench
