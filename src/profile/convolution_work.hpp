#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/profile/attribution.hpp"

namespace trainbench::profile {

/// The sizes of one tensor and its type, as an operator's `inputs` write them: "float32[128,3,32,32]".
struct TensorText {
  std::string dtype;
  std::vector<std::int64_t> sizes;
  bool operator==(const TensorText&) const = default;
};
/// Texts that are no tensors are left out.
std::vector<TensorText> tensors_of(std::string_view inputs);

/// Multiply-accumulates of a convolution's forward pass, taps on padding counted: its output's elements times
/// input channels of a group times taps.
/// `output` is [N,Cout,...], `weight` [Cout,Cin/groups,...]. Nothing where these do not go together.
std::optional<double> convolution_macs(const std::vector<std::int64_t>& output,
                                       const std::vector<std::int64_t>& weight);

/// Floating-point operations of a layer's convolution over the window: 2 per multiply-accumulate, in the
/// forward pass once, in the backward pass once for each gradient that is computed. Their time is the GPU's,
/// of all that the operator or what it called had it do, where the profile has GPU records, and the host's
/// where the step ran there; 0 of a GPU's step whose GPU was not recorded: the host does not wait for it.
struct ConvolutionWork {
  std::string layer;
  std::string weight;  // "float32[64,3,3,3]"
  double forward_flops = 0;
  double backward_flops = 0;
  std::int64_t forward_ns = 0;   // of the layer's forward convolutions
  std::int64_t backward_ns = 0;  // of its ConvolutionBackward0 nodes
  std::int64_t calls = 0;        // of one that a CUDA graph holds: its replays
};

/// One for each (layer, weight shape) whose `aten::convolution_backward` was recorded with its inputs: these
/// begin with the gradient, which has the output's sizes, and may end with "outputs(1,1,0)", which tells
/// whether the gradients of input, weight and bias were asked for (nobody needs the input's of a network's
/// first layer). In order of first use.
std::vector<ConvolutionWork> convolution_work(const Profile& profile,
                                              const std::vector<OperatorPlace>& places);

}  // namespace trainbench::profile
