#include "src/data/batch_writer.hpp"

#include <algorithm>
#include <cstring>

namespace trainbench {
namespace {

constexpr std::size_t kPaddedSide = kImageSide + 2 * std::size_t{kCropPadding};

using ChannelTable = std::array<float, 256>;

std::array<ChannelTable, kImageChannels> make_tables() {
  std::array<ChannelTable, kImageChannels> tables{};
  for (std::size_t channel = 0; channel < kImageChannels; ++channel) {
    for (std::size_t byte = 0; byte < tables[channel].size(); ++byte) {
      tables[channel][byte] = normalised(static_cast<std::uint8_t>(byte), channel);
    }
  }
  return tables;
}

// `padded` is one row with kCropPadding zero bytes on either side.
template <std::size_t kStride, bool kFlip>
void write_row(const std::uint8_t* padded, std::size_t dx, const ChannelTable& table, float* out) {
  const std::uint8_t* window = padded + dx;
  for (std::size_t x = 0; x < kImageSide; ++x) {
    out[x * kStride] = table[window[kFlip ? kImageSide - 1 - x : x]];
  }
}

template <MemoryOrder kOrder, bool kFlip>
void write_image(const std::uint8_t* pixels, const Augmentation& augmentation, float* out) {
  static const std::array<ChannelTable, kImageChannels> tables = make_tables();
  constexpr std::size_t kStride = kOrder == MemoryOrder::nhwc ? kImageChannels : 1;
  const auto dx = static_cast<std::size_t>(augmentation.dx);
  std::array<std::uint8_t, kPaddedSide> padded{};
  for (std::size_t y = 0; y < kImageSide; ++y) {
    const int source_y = static_cast<int>(y) + augmentation.dy - kCropPadding;
    const bool inside = source_y >= 0 && source_y < static_cast<int>(kImageSide);
    for (std::size_t channel = 0; channel < kImageChannels; ++channel) {
      std::uint8_t* middle = padded.data() + kCropPadding;
      if (inside) {
        std::memcpy(middle, pixels + channel * kPlaneBytes + static_cast<std::size_t>(source_y) * kImageSide,
                    kImageSide);
      } else {
        std::memset(middle, 0, kImageSide);
      }
      float* row = kOrder == MemoryOrder::nhwc ? out + y * kImageSide * kImageChannels + channel
                                               : out + channel * kPlaneBytes + y * kImageSide;
      write_row<kStride, kFlip>(padded.data(), dx, tables[channel], row);
    }
  }
}

template <MemoryOrder kOrder>
void write_images(const ImageSet& set, std::span<const std::uint32_t> indices,
                  std::span<const Augmentation> augmentations, float* out) {
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const std::uint8_t* pixels = set.pixels.data() + std::size_t{indices[i]} * kImageBytes;
    const Augmentation augmentation = augmentations.empty() ? Augmentation{} : augmentations[i];
    if (augmentation.flip) {
      write_image<kOrder, true>(pixels, augmentation, out + i * kImageBytes);
    } else {
      write_image<kOrder, false>(pixels, augmentation, out + i * kImageBytes);
    }
  }
}

}  // namespace

float normalised(std::uint8_t byte, std::size_t channel) {
  return (static_cast<float>(byte) / 255.0F - kChannelMeans[channel]) / kChannelDeviations[channel];
}

void write_batch(const ImageSet& set, std::span<const std::uint32_t> indices,
                 std::span<const Augmentation> augmentations, const BatchTarget& target) {
  switch (target.order) {
    case MemoryOrder::nchw:
      write_images<MemoryOrder::nchw>(set, indices, augmentations, target.images);
      break;
    case MemoryOrder::nhwc:
      write_images<MemoryOrder::nhwc>(set, indices, augmentations, target.images);
      break;
  }
  std::transform(indices.begin(), indices.end(), target.labels,
                 [&set](std::uint32_t index) { return std::int64_t{set.labels[index]}; });
}

}  // namespace trainbench
