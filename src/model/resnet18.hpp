#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "src/model/stem.hpp"

namespace torch::nn {
class BatchNorm2dImpl;
class Conv2dImpl;
class LinearImpl;
}  // namespace torch::nn

namespace trainbench {

struct ResNet18Options {
  Stem stem = Stem::imagenet;
  std::int64_t classes = 10;
  bool in_place = true;  ///< ReLU and the residual sum overwrite their input, as torchvision's do
};

class BasicBlockImpl;

/// torchvision's ResNet-18 (He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", 2015):
/// 11,181,642 parameters with ten classes and the ImageNet stem, 11,173,962 with the CIFAR stem.
/// Parameters and buffers are named as in torchvision's state_dict. They are initialised as torchvision does,
/// in the same order: after torch::manual_seed(s) both hold the same values.
class ResNet18Impl : public torch::nn::Module {
 public:
  explicit ResNet18Impl(const ResNet18Options& options = {});

  /// float [N, 3, 32, 32] (or any side that is at least 1) to logits [N, classes].
  at::Tensor forward(const at::Tensor& images);

 private:
  void add_stage(int number, std::int64_t in_channels, std::int64_t out_channels);

  ResNet18Options options_;
  std::shared_ptr<torch::nn::Conv2dImpl> conv1_;
  std::shared_ptr<torch::nn::BatchNorm2dImpl> bn1_;
  std::vector<std::shared_ptr<BasicBlockImpl>> blocks_;
  std::shared_ptr<torch::nn::LinearImpl> fc_;
};

}  // namespace trainbench
