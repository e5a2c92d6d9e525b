#include "src/train/net.hpp"

#include <torch/nn/module.h>

#include <stdexcept>
#include <unordered_set>

namespace trainbench {

void move_module(torch::nn::Module& module, at::Device device, bool channels_last) {
  module.to(device);
  if (!channels_last) return;
  // Module::to knows no memory format.
  for (at::Tensor& parameter : module.parameters()) {
    if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(at::MemoryFormat::ChannelsLast));
  }
}

std::vector<bool> parameters_kept_in_float32(const torch::nn::Module& module) {
  std::unordered_set<const at::TensorImpl*> kept;
  for (const std::shared_ptr<torch::nn::Module>& part : module.modules(/*include_self=*/false)) {
    if (!part->named_buffers(/*recurse=*/false).contains("running_mean")) continue;
    for (const at::Tensor& parameter : part->parameters(/*recurse=*/false)) {
      kept.insert(parameter.unsafeGetTensorImpl());
    }
  }
  std::vector<bool> per_parameter;
  for (const at::Tensor& parameter : module.parameters()) {
    per_parameter.push_back(kept.contains(parameter.unsafeGetTensorImpl()));
  }
  return per_parameter;
}

std::vector<std::string> parameter_names_of(const torch::nn::Module& module) {
  std::vector<std::string> names;
  for (const auto& item : module.named_parameters()) names.push_back(item.key());
  return names;
}

void make_half(const Net& net) {
  if (net.keeps_float32.size() != net.parameters.size()) {
    throw std::logic_error("The net '" + net.name + "' does not say which parameters keep float32.");
  }
  for (std::size_t i = 0; i < net.parameters.size(); ++i) {
    const at::Tensor& parameter = net.parameters[i];
    if (!net.keeps_float32[i]) parameter.set_data(parameter.detach().to(at::kHalf));
  }
}

}  // namespace trainbench
