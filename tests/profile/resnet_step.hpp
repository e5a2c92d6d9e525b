#pragma once

#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <torch/optim/sgd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/model/resnet18.hpp"
#include "src/profile/recorder.hpp"

namespace trainbench::profile {

/// How its tensors are kept.
struct StepFormat {
  bool bfloat16 = false;
  bool channels_last = false;
};

/// A training step of ResNet-18 as a tutorial would write it, with its phases marked where a recorder is
/// given.
class ResnetStep {
 public:
  ResnetStep(std::int64_t batch, Stem stem, at::Device device = at::kCPU, StepFormat format = {})
      : net_(std::make_shared<ResNet18Impl>(ResNet18Options{.stem = stem})),
        optimizer_(net_->parameters(), torch::optim::SGDOptions(0.01).momentum(0.9).weight_decay(5e-4)),
        images_(at::randn({batch, 3, 32, 32}).to(device)),
        labels_(at::randint(10, {batch}).to(device)) {
    // In place: the optimizer has the parameters already.
    net_->to(device);
    if (format.bfloat16) {
      net_->to(at::kBFloat16);
      images_ = images_.to(at::kBFloat16);
    }
    if (!format.channels_last) return;
    constexpr auto kLast = at::MemoryFormat::ChannelsLast;
    images_ = images_.contiguous(kLast);
    for (at::Tensor& parameter : net_->parameters()) {
      if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(kLast));
    }
  }

  std::vector<std::pair<std::string, at::Tensor>> parameters() const {
    std::vector<std::pair<std::string, at::Tensor>> named;
    for (const auto& item : net_->named_parameters()) named.emplace_back(item.key(), item.value());
    return named;
  }

  std::vector<at::Tensor> buffers() const { return net_->buffers(); }

  void run(CpuRecorder* recorder = nullptr) {
    const auto mark = [&](StepPhase phase, bool begin) {
      if (recorder != nullptr) recorder->mark_phase(phase, begin);
    };
    optimizer_.zero_grad();
    mark(StepPhase::forward, true);
    const at::Tensor logits = net_->forward(images_);
    mark(StepPhase::forward, false);
    mark(StepPhase::loss, true);
    const at::Tensor loss = at::cross_entropy_loss(logits, labels_);
    mark(StepPhase::loss, false);
    mark(StepPhase::backward, true);
    loss.backward();
    mark(StepPhase::backward, false);
    mark(StepPhase::optimizer, true);
    optimizer_.step();
    mark(StepPhase::optimizer, false);
  }

 private:
  std::shared_ptr<ResNet18Impl> net_;
  torch::optim::SGD optimizer_;
  at::Tensor images_;
  at::Tensor labels_;
};

}  // namespace trainbench::profile
