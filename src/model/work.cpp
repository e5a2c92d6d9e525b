#include "src/model/work.hpp"

#include <fmt/format.h>

namespace trainbench {
namespace {

constexpr std::int64_t kStageChannels[] = {64, 128, 256, 512};
constexpr std::int64_t kBlocksPerStage = 2;
constexpr double kFloatBytes = 4;

// Output positions times kernel taps along one axis that fall on the map.
std::int64_t live_taps(const ConvolutionShape& shape) {
  std::int64_t live = 0;
  for (std::int64_t out = 0; out < shape.out_side; ++out) {
    for (std::int64_t tap = 0; tap < shape.kernel; ++tap) {
      const std::int64_t in = out * shape.stride + tap - shape.kernel / 2;
      if (in >= 0 && in < shape.in_side) ++live;
    }
  }
  return live;
}

struct Block {
  ConvolutionShape first;
  ConvolutionShape second;
  bool has_downsample;
  ConvolutionShape downsample;
};

// Stages and blocks count from 0 here, stages from 1 in torchvision's names.
Block block_of(std::int64_t stage, std::int64_t block, std::int64_t in_side) {
  const std::string name = fmt::format("layer{}.{}", stage + 1, block);
  const std::int64_t channels = kStageChannels[stage];
  const bool shrinks = stage > 0 && block == 0;
  const std::int64_t stride = shrinks ? 2 : 1;
  const std::int64_t out_side = in_side / stride;
  const std::int64_t in_channels = shrinks ? kStageChannels[stage - 1] : channels;
  return {.first = {name + ".conv1", in_channels, channels, 3, stride, in_side, out_side},
          .second = {name + ".conv2", channels, channels, 3, 1, out_side, out_side},
          .has_downsample = shrinks,
          .downsample = {name + ".downsample.0", in_channels, channels, 1, stride, in_side, out_side}};
}

struct Beginning {
  ConvolutionShape conv1;
  bool pools;
};

Beginning stem_of(Stem stem) {
  switch (stem) {
    case Stem::imagenet:
      return {.conv1 = {"conv1", 3, 64, 7, 2, 32, 16}, .pools = true};
    case Stem::cifar:
      return {.conv1 = {"conv1", 3, 64, 3, 1, 32, 32}, .pools = false};
  }
  return {};
}

std::vector<Block> blocks_of(Stem stem) {
  const Beginning begin = stem_of(stem);
  std::int64_t side = begin.pools ? begin.conv1.out_side / 2 : begin.conv1.out_side;
  std::vector<Block> blocks;
  for (std::int64_t stage = 0; stage < std::ssize(kStageChannels); ++stage) {
    for (std::int64_t block = 0; block < kBlocksPerStage; ++block) {
      blocks.push_back(block_of(stage, block, side));
      side = blocks.back().first.out_side;
    }
  }
  return blocks;
}

double activation_elements(Stem stem) {
  const Beginning begin = stem_of(stem);
  const auto conv1_out = static_cast<double>(begin.conv1.out_elements());
  double elements = 2 * static_cast<double>(begin.conv1.in_elements()) + (2 + 8 + 5) * conv1_out;
  if (begin.pools) elements += 2 * (conv1_out + conv1_out / 4);
  for (const Block& block : blocks_of(stem)) {
    const auto in = static_cast<double>(block.first.in_elements());
    const auto out = static_cast<double>(block.first.out_elements());
    const double convolutions =
        3 * (in + out) + 3 * (out + out) + (block.has_downsample ? 3 * (in + out) : 0);
    const double batch_norms = 8 * out * (block.has_downsample ? 3 : 2);
    const double relus_and_sums = 2 * 5 * out + 3 * out + 3 * in;
    elements += convolutions + batch_norms + relus_and_sums;
  }
  return elements;
}

}  // namespace

std::vector<ConvolutionShape> convolutions_of(Stem stem) {
  std::vector<ConvolutionShape> shapes = {stem_of(stem).conv1};
  for (const Block& block : blocks_of(stem)) {
    shapes.push_back(block.first);
    shapes.push_back(block.second);
    if (block.has_downsample) shapes.push_back(block.downsample);
  }
  return shapes;
}

MultiplyAccumulates forward_macs(const ConvolutionShape& shape) {
  const auto channels = static_cast<double>(shape.in_channels * shape.out_channels);
  const auto nominal_axis = static_cast<double>(shape.out_side * shape.kernel);
  const auto live_axis = static_cast<double>(live_taps(shape));
  return {.nominal = channels * nominal_axis * nominal_axis, .effective = channels * live_axis * live_axis};
}

WorkPerImage work_per_image(Stem stem, std::int64_t classes) {
  WorkPerImage work;
  const std::vector<ConvolutionShape> shapes = convolutions_of(stem);
  for (const ConvolutionShape& shape : shapes) {
    const MultiplyAccumulates macs = forward_macs(shape);
    work.forward.nominal += macs.nominal;
    work.forward.effective += macs.effective;
    // The convolution's weights and its batch norm's weight and bias.
    work.parameters +=
        shape.in_channels * shape.out_channels * shape.kernel * shape.kernel + 2 * shape.out_channels;
  }
  const std::int64_t features = kStageChannels[3];
  work.forward.nominal += static_cast<double>(features * classes);
  work.forward.effective += static_cast<double>(features * classes);
  work.parameters += (features + 1) * classes;
  const MultiplyAccumulates conv1 = forward_macs(shapes.front());
  work.train_flops_nominal = 2 * (3 * work.forward.nominal - conv1.nominal);
  work.train_flops_effective = 2 * (3 * work.forward.effective - conv1.effective);
  work.activation_bytes = kFloatBytes * activation_elements(stem);
  return work;
}

}  // namespace trainbench
