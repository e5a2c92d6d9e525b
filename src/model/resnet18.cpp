#include "src/model/resnet18.hpp"

#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/max_pool2d.h>
#include <fmt/format.h>
#include <torch/nn/init.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

namespace trainbench {
namespace {

struct ConvolutionSpec {
  std::int64_t in_channels;
  std::int64_t out_channels;
  std::int64_t kernel = 3;
  std::int64_t stride = 1;
};

torch::nn::Conv2d make_convolution(const ConvolutionSpec& shape) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(shape.in_channels, shape.out_channels, shape.kernel)
                               .stride(shape.stride)
                               .padding(shape.kernel / 2)
                               .bias(false));
}

at::Tensor relu(const at::Tensor& x, bool in_place) {
  return in_place ? x.relu_() : x.relu();
}

}  // namespace

class BasicBlockImpl : public torch::nn::Module {
 public:
  BasicBlockImpl(const ConvolutionSpec& first, bool in_place) : in_place_(in_place) {
    // torchvision makes the shortcut first and registers it last; the random numbers follow the making.
    if (first.stride != 1 || first.in_channels != first.out_channels) {
      downsample_ = torch::nn::Sequential(make_convolution({.in_channels = first.in_channels,
                                                            .out_channels = first.out_channels,
                                                            .kernel = 1,
                                                            .stride = first.stride}),
                                          torch::nn::BatchNorm2d(first.out_channels));
    }
    conv1_ = register_module("conv1", make_convolution(first));
    bn1_ = register_module("bn1", torch::nn::BatchNorm2d(first.out_channels));
    conv2_ = register_module("conv2", make_convolution({first.out_channels, first.out_channels}));
    bn2_ = register_module("bn2", torch::nn::BatchNorm2d(first.out_channels));
    if (downsample_) register_module("downsample", downsample_);
  }

  at::Tensor forward(const at::Tensor& x) {
    at::Tensor out = relu(bn1_(conv1_(x)), in_place_);
    out = bn2_(conv2_(out));
    const at::Tensor shortcut = downsample_ ? downsample_->forward(x) : x;
    out = in_place_ ? out.add_(shortcut) : out.add(shortcut);
    return relu(out, in_place_);
  }

 private:
  bool in_place_;
  torch::nn::Conv2d conv1_{nullptr};
  torch::nn::BatchNorm2d bn1_{nullptr};
  torch::nn::Conv2d conv2_{nullptr};
  torch::nn::BatchNorm2d bn2_{nullptr};
  torch::nn::Sequential downsample_{nullptr};
};

ResNet18Impl::ResNet18Impl(const ResNet18Options& options) : options_(options) {
  switch (options.stem) {
    case Stem::imagenet:
      conv1_ = make_convolution({.in_channels = 3, .out_channels = 64, .kernel = 7, .stride = 2}).ptr();
      break;
    case Stem::cifar:
      conv1_ = make_convolution({.in_channels = 3, .out_channels = 64}).ptr();
      break;
  }
  register_module("conv1", conv1_);
  bn1_ = register_module("bn1", std::make_shared<torch::nn::BatchNorm2dImpl>(64));
  add_stage(1, 64, 64);
  add_stage(2, 64, 128);
  add_stage(3, 128, 256);
  add_stage(4, 256, 512);
  fc_ = register_module("fc", std::make_shared<torch::nn::LinearImpl>(512, options.classes));
  for (const std::shared_ptr<torch::nn::Module>& module : modules(/*include_self=*/false)) {
    if (auto* convolution = module->as<torch::nn::Conv2dImpl>()) {
      torch::nn::init::kaiming_normal_(convolution->weight, 0, torch::kFanOut, torch::kReLU);
    }
  }
}

void ResNet18Impl::add_stage(int number, std::int64_t in_channels, std::int64_t out_channels) {
  const std::int64_t stride = number == 1 ? 1 : 2;
  torch::nn::Sequential stage;
  for (const ConvolutionSpec& first :
       {ConvolutionSpec{.in_channels = in_channels, .out_channels = out_channels, .stride = stride},
        ConvolutionSpec{.in_channels = out_channels, .out_channels = out_channels}}) {
    blocks_.push_back(std::make_shared<BasicBlockImpl>(first, options_.in_place));
    stage->push_back(blocks_.back());
  }
  register_module(fmt::format("layer{}", number), stage);
}

at::Tensor ResNet18Impl::forward(const at::Tensor& images) {
  at::Tensor x = relu(bn1_->forward(conv1_->forward(images)), options_.in_place);
  if (options_.stem == Stem::imagenet) x = at::max_pool2d(x, {3, 3}, {2, 2}, {1, 1});
  for (const std::shared_ptr<BasicBlockImpl>& block : blocks_) x = block->forward(x);
  return fc_->forward(at::adaptive_avg_pool2d(x, {1, 1}).flatten(1));
}

}  // namespace trainbench
