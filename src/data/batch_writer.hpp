#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "src/data/batch_order.hpp"
#include "src/data/dataset.hpp"

namespace trainbench {

/// CIFAR-10's channel means and standard deviations over the training set, of pixels scaled to 0..1.
inline constexpr std::array<float, kImageChannels> kChannelMeans = {0.4914F, 0.4822F, 0.4465F};
inline constexpr std::array<float, kImageChannels> kChannelDeviations = {0.2470F, 0.2435F, 0.2616F};

/// How the floats of a batch lie in memory.
enum class MemoryOrder {
  nchw,  ///< torch's contiguous format
  nhwc,  ///< torch's channels_last format
};

/// `byte` of `channel` as the network sees it: (byte / 255 - mean) / deviation, in float32 as torchvision's
/// ToTensor and Normalize compute it.
float normalised(std::uint8_t byte, std::size_t channel);

/// What to write where.
struct BatchTarget {
  float* images;         ///< room for [N, 3, 32, 32] floats
  std::int64_t* labels;  ///< room for [N]
  MemoryOrder order = MemoryOrder::nchw;
};

/// Writes images `indices` of `set`, cropped, flipped and normalised in one pass, and their labels. Zero
/// padding comes before normalisation, as in torchvision's RandomCrop(32, 4), RandomHorizontalFlip, ToTensor,
/// Normalize. `augmentations` has one entry per index, or none at all: then the images go out as they are.
/// One thread, no allocation. An index outside the set is the caller's fault and undefined.
void write_batch(const ImageSet& set, std::span<const std::uint32_t> indices,
                 std::span<const Augmentation> augmentations, const BatchTarget& target);

}  // namespace trainbench
