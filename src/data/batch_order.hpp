#pragma once

#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "src/data/counter_random.hpp"

namespace trainbench {

// Which images make up batch k, and how each is cropped and flipped: integer functions of the seed alone,
// plain enough to be written once more for a device.

inline constexpr int kCropPadding = 4;

/// Streams of a training seed.
inline constexpr std::uint64_t kShuffleStream = 11;
inline constexpr std::uint64_t kAugmentationStream = 12;

/// Batch k of the endless stream is batch `batch` of epoch `epoch`. The last, incomplete batch of an epoch is
/// dropped.
struct BatchPosition {
  std::int64_t epoch = 0;
  std::int64_t batch = 0;
};

constexpr std::int64_t num_batches_per_epoch(std::int64_t num_images, std::int64_t batch_size) {
  return num_images / batch_size;
}

constexpr BatchPosition batch_position(std::int64_t k, std::int64_t batches_per_epoch) {
  return {.epoch = k / batches_per_epoch, .batch = k % batches_per_epoch};
}

/// The order of the `num_images` training images in one epoch: Fisher and Yates's shuffle from the last place
/// down to the second; place i swaps with random_below(random_bits(key, i), i + 1).
inline std::vector<std::uint32_t> epoch_order(std::uint64_t seed, std::int64_t epoch,
                                              std::uint32_t num_images) {
  const std::uint64_t key = random_key(random_key(seed, kShuffleStream), static_cast<std::uint64_t>(epoch));
  std::vector<std::uint32_t> order(num_images);
  std::iota(order.begin(), order.end(), 0U);
  for (std::uint32_t i = num_images; i-- > 1;)
    std::swap(order[i], order[random_below(random_bits(key, i), i + 1)]);
  return order;
}

/// Where the 32x32 window lies in the image padded to 40x40 by zero bytes, and whether it is mirrored then.
struct Augmentation {
  std::int32_t dx = kCropPadding;  ///< 0..8; 4 is the image itself
  std::int32_t dy = kCropPadding;  ///< 0..8
  bool flip = false;
};

/// The augmentation of training image `image` in `epoch`: dx, dy and flip from three ranges of one draw.
constexpr Augmentation augmentation_of(std::uint64_t seed, std::int64_t epoch, std::uint32_t image) {
  const std::uint64_t key =
      random_key(random_key(seed, kAugmentationStream), static_cast<std::uint64_t>(epoch));
  const std::uint64_t bits = random_bits(key, image);
  const std::uint32_t window = random_below(bits, 81);
  return {.dx = static_cast<std::int32_t>(window % 9),
          .dy = static_cast<std::int32_t>(window / 9),
          .flip = (bits & 1U) != 0};
}

}  // namespace trainbench
