#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/model/stem.hpp"

namespace trainbench {

/// One convolution of ResNet-18 on a 32x32 image. Maps are square; padding is kernel / 2 on each side.
struct ConvolutionShape {
  std::string name;  ///< torchvision's: "conv1", "layer2.0.downsample.0"
  std::int64_t in_channels = 0;
  std::int64_t out_channels = 0;
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t in_side = 0;
  std::int64_t out_side = 0;

  std::int64_t in_elements() const { return in_channels * in_side * in_side; }
  std::int64_t out_elements() const { return out_channels * out_side * out_side; }
};

/// The 20 convolutions in the order of the forward pass, a block's shortcut after its second convolution.
std::vector<ConvolutionShape> convolutions_of(Stem stem);

/// Multiply-accumulates of one image's forward pass: in x out channels x taps x positions. `effective` leaves
/// out the taps that lie on padding for every image: at 32x32 and with the ImageNet stem that is 42 % of
/// them.
struct MultiplyAccumulates {
  double nominal = 0;
  double effective = 0;
};
MultiplyAccumulates forward_macs(const ConvolutionShape& shape);

/// Work of one image on ResNet-18, by formula.
struct WorkPerImage {
  MultiplyAccumulates forward;  ///< convolutions and the last linear layer
  /// Floating-point operations of forward, data and weight gradients: 2 per multiply-accumulate, 3 passes,
  /// less the data gradient of conv1, which nobody needs.
  double train_flops_nominal = 0;
  double train_flops_effective = 0;
  /// Bytes of float32 activations and their gradients read and written in one eager training step, each
  /// operator on its own and nothing cached: convolution x + y a pass, 3 passes (conv1: 2); batch norm 3
  /// forward (x twice, y) and 5 backward; ReLU in place 2 and 3; residual sum 3; sum of the two gradients at
  /// a block's input 3; max pooling x + y each way. Weights, the optimizer and the last linear layer are not
  /// in it.
  double activation_bytes = 0;
  std::int64_t parameters = 0;
};
WorkPerImage work_per_image(Stem stem, std::int64_t classes = 10);

}  // namespace trainbench
