#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "src/base/errors.hpp"
#include "src/data/counter_random.hpp"
#include "src/data/dataset.hpp"
#include "src/data/dataset_hash.hpp"

namespace trainbench {
namespace {

constexpr std::size_t kBlocks = 4;
constexpr std::size_t kBlockSide = kImageSide / kBlocks;
// One image's noise (64 bytes of it per pattern block and channel) hides one block; the 48 blocks together
// show the class.
constexpr int kPatternHeight = 20;
constexpr int kBrightnessRange = 64;

// Streams of the seed.
enum : std::uint64_t { kPatternStream = 1, kTrainStream = 2, kTestStream = 3 };

using Pattern = std::array<int, kImageChannels * kBlocks * kBlocks>;

Pattern pattern_of_class(std::uint64_t seed, std::size_t label) {
  const std::uint64_t key = random_key(random_key(seed, kPatternStream), label);
  Pattern pattern{};
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::size_t column = i % kBlocks;
    const std::size_t mirrored = i - column + std::min(column, kBlocks - 1 - column);
    const auto draw = static_cast<int>(random_below(random_bits(key, mirrored), 2 * kPatternHeight + 1));
    pattern[i] = draw - kPatternHeight;
  }
  return pattern;
}

// One row of 32 bytes from four draws: eight noise values of 0..127 a draw.
void write_row(std::uint8_t* row, const int* blocks, int base, std::uint64_t key, std::uint64_t row_number) {
  for (std::size_t block = 0; block < kBlocks; ++block) {
    const std::uint64_t bits = random_bits(key, row_number * kBlocks + block);
    for (std::size_t i = 0; i < kBlockSide; ++i) {
      const int noise = static_cast<int>((bits >> (8 * i)) & 127U);
      row[block * kBlockSide + i] =
          static_cast<std::uint8_t>(std::clamp(base + blocks[block] + noise, 0, 255));
    }
  }
}

ImageSet make_images(std::size_t count, std::uint64_t seed, std::uint64_t stream) {
  std::array<Pattern, kNumClasses> patterns{};
  for (std::size_t label = 0; label < kNumClasses; ++label) patterns[label] = pattern_of_class(seed, label);
  ImageSet set;
  set.pixels.resize(count * kImageBytes);
  set.labels.resize(count);
  const std::uint64_t stream_key = random_key(seed, stream);
  for (std::size_t image = 0; image < count; ++image) {
    const std::size_t label = image % kNumClasses;
    set.labels[image] = static_cast<std::uint8_t>(label);
    const std::uint64_t key = random_key(stream_key, image);
    const int base = 32 + static_cast<int>(random_below(random_bits(~key, 0), kBrightnessRange));
    for (std::size_t row = 0; row < kImageChannels * kImageSide; ++row) {
      const int* blocks = patterns[label].data() + row / kBlockSide * kBlocks;
      write_row(set.pixels.data() + image * kImageBytes + row * kImageSide, blocks, base, key, row);
    }
  }
  return set;
}

}  // namespace

Dataset make_synthetic(const SyntheticOptions& options) {
  if (options.train_images == 0 || options.test_images == 0) {
    throw InputError(
        fmt::format("A synthetic set needs at least one training and one test image, not {} and {}.",
                    options.train_images, options.test_images));
  }
  Dataset set;
  set.id = "synthetic";
  set.train = make_images(options.train_images, options.seed, kTrainStream);
  set.test = make_images(options.test_images, options.seed, kTestStream);
  set.hash = hash_of(set.train, set.test);
  return set;
}

Dataset make_synthetic(std::size_t train_images, std::size_t test_images, std::uint64_t seed) {
  return make_synthetic({.train_images = train_images, .test_images = test_images, .seed = seed});
}

}  // namespace trainbench
