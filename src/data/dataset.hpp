#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace trainbench {

inline constexpr std::size_t kImageSide = 32;
inline constexpr std::size_t kImageChannels = 3;
inline constexpr std::size_t kPlaneBytes = kImageSide * kImageSide;
inline constexpr std::size_t kImageBytes = kImageChannels * kPlaneBytes;
inline constexpr std::size_t kNumClasses = 10;

/// Images as CIFAR-10's binary format holds them.
struct ImageSet {
  std::vector<std::uint8_t> pixels;  ///< [n, 3, 32, 32]: red, green, blue plane of each image, row by row
  std::vector<std::uint8_t> labels;  ///< [n], each 0..9

  std::size_t size() const { return labels.size(); }
};

/// What a benchmark trains and tests on.
struct Dataset {
  /// "cifar10" (50,000 + 10,000 images), "cifar10-mini" (the committed sample), "synthetic", "custom" (any
  /// other)
  std::string id;
  std::string hash;  ///< Hash64 over train labels, train pixels, test labels, test pixels; 16 hex digits
  ImageSet train;
  ImageSet test;
};

/// Reads CIFAR-10's binary format: data_batch_1.bin and up to data_batch_5.bin without a gap, and
/// test_batch.bin. A file is 1 to 10,000 records of 3,073 bytes: the label (0..9), then the three planes.
/// Throws InputError (`unreadable`) that names the file, what is wrong with it and the byte offset.
Dataset load_cifar10(const std::filesystem::path& folder);

struct SyntheticOptions {
  std::size_t train_images = 50'000;
  std::size_t test_images = 10'000;
  std::uint64_t seed = 1;
};

/// A set that needs no file: ten classes, image i of class i mod 10. Each class is a colour pattern of 4x4
/// blocks, equal to its own mirror image so that a horizontal flip keeps the class; each image is its class's
/// pattern, a brightness of its own and noise. Integers only: the same bytes on every machine.
/// Throws InputError where either half would be empty.
Dataset make_synthetic(const SyntheticOptions& options);
Dataset make_synthetic(std::size_t train_images, std::size_t test_images, std::uint64_t seed);

/// What `--data=` names: the word "synthetic", or else the folder to hand to load_cifar10.
Dataset load_dataset(std::string_view spec, const SyntheticOptions& synthetic = {});

}  // namespace trainbench
