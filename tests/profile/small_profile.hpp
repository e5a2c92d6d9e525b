#pragma once

#include <cstdint>
#include <string>

#include "src/profile/records.hpp"

namespace trainbench::profile {

/// Numbers of a linear congruential generator: the same on every machine.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : state_(seed * 2654435761U + 1) {}
  std::int64_t below(std::int64_t bound) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::int64_t>((state_ >> 33) % static_cast<std::uint64_t>(bound));
  }

 private:
  std::uint64_t state_;
};

/// Builds profiles by hand.
class ProfileBuilder {
 public:
  ProfileBuilder() {
    profile.recorded_by = "trainbench";
    profile.benchmark = "Exp1_CPU_1T/batch:128";
    profile.threads.push_back({.name = "main", .system_id = 1});
  }

  Index op(const std::string& name, std::int64_t begin, std::int64_t end, Index parent = kNone) {
    OperatorRecord record{.name = profile.names.id(name), .parent = parent, .time = {begin, end}};
    if (parent != kNone) record.thread = profile.operators[static_cast<std::size_t>(parent)].thread;
    profile.operators.push_back(record);
    return static_cast<Index>(profile.operators.size()) - 1;
  }
  OperatorRecord& at(Index index) { return profile.operators[static_cast<std::size_t>(index)]; }

  Index forward(const std::string& name, std::int64_t begin, std::int64_t end, std::int64_t sequence,
                Index parent = kNone) {
    const Index index = op(name, begin, end, parent);
    at(index).sequence = sequence;
    return index;
  }

  /// The engine's wrapper and the node inside it, one ns shorter on both sides.
  Index backward(const std::string& node, std::int64_t begin, std::int64_t end, std::int64_t sequence) {
    const Index wrapper = op("autograd::engine::evaluate_function: " + node, begin, end);
    const Index index = op(node, begin + 1, end - 1, wrapper);
    at(index).kind = OperatorKind::backward;
    at(index).sequence = sequence;
    at(index).forward_thread = sequence < 0 ? kNone : 0;
    return index;
  }

  void phase(StepPhase phase, std::int64_t begin, std::int64_t end) {
    profile.phases.push_back({.phase = phase, .time = {begin, end}});
  }
  void step(std::int64_t begin, std::int64_t end) { profile.steps.push_back({begin, end}); }

  Index launch(std::int64_t begin, std::int64_t end, Index caller = kNone) {
    const auto correlation = static_cast<std::uint32_t>(profile.launches.size() + 1);
    profile.launches.push_back({.api = profile.names.id("cuLaunchKernel"),
                                .time = {begin, end},
                                .caller = caller,
                                .correlation = correlation});
    return static_cast<Index>(profile.launches.size()) - 1;
  }

  GpuRecord& kernel(const std::string& name, std::int64_t begin, std::int64_t end, Index launched = kNone) {
    GpuRecord record{.name = profile.names.id(name), .time = {begin, end}, .launch = launched};
    if (launched != kNone) {
      const LaunchRecord& launch = profile.launches[static_cast<std::size_t>(launched)];
      record.caller = launch.caller;
      record.correlation = launch.correlation;
    }
    return profile.gpu.emplace_back(record);
  }

  Profile profile;
};

/// One training step of two layers: forward, loss, backward and optimizer as LibTorch records them.
inline Profile small_step() {
  ProfileBuilder build;
  build.step(0, 1000);
  build.phase(StepPhase::load, 0, 90);
  build.phase(StepPhase::forward, 100, 400);
  build.phase(StepPhase::loss, 400, 450);
  build.phase(StepPhase::backward, 450, 900);
  build.phase(StepPhase::optimizer, 900, 1000);
  // conv2d and convolution share the number: the later one is the node's.
  const Index conv2d = build.forward("aten::conv2d", 100, 200, 7);
  const Index convolution = build.forward("aten::convolution", 110, 190, 7, conv2d);
  build.at(convolution).layer = build.profile.names.id("layer1.0.conv1");
  build.at(conv2d).layer = build.at(convolution).layer;
  build.op("aten::mkldnn_convolution", 120, 180, convolution);
  build.forward("aten::relu_", 200, 250, 8);
  build.forward("aten::cross_entropy_loss", 410, 440, 9);
  build.backward("NllLossBackward0", 460, 480, 9);
  build.backward("ReluBackward0", 500, 560, 8);
  const Index node = build.backward("ConvolutionBackward0", 600, 800, 7);
  build.op("aten::convolution_backward", 610, 790, node);
  const Index wrapper = build.at(node).parent;
  build.at(wrapper).time.end_ns = 830;
  build.op("aten::add_", 805, 825, wrapper);
  build.backward("torch::autograd::AccumulateGrad", 840, 860, -1);
  build.op("aten::add_", 910, 960);
  return build.profile;
}

}  // namespace trainbench::profile
