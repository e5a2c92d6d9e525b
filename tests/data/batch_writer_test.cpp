#include "src/data/batch_writer.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace trainbench {
namespace {

ImageSet make_set(std::size_t count) {
  ImageSet set;
  for (std::size_t image = 0; image < count; ++image) {
    set.labels.push_back(static_cast<std::uint8_t>(image % kNumClasses));
    for (std::size_t i = 0; i < kImageBytes; ++i) {
      set.pixels.push_back(static_cast<std::uint8_t>(random_bits(image, i) & 255U));
    }
  }
  return set;
}

struct Written {
  std::vector<float> images;
  std::vector<std::int64_t> labels;
};

Written write(const ImageSet& set, const std::vector<std::uint32_t>& indices,
              const std::vector<Augmentation>& augmentations, MemoryOrder order) {
  Written out{.images = std::vector<float>(indices.size() * kImageBytes, -99.0F),
              .labels = std::vector<std::int64_t>(indices.size(), -99)};
  write_batch(set, indices, augmentations,
              {.images = out.images.data(), .labels = out.labels.data(), .order = order});
  return out;
}

// One step after the other, as the transforms are defined: pad the bytes by zero, cut the window out, mirror
// it, normalise.
std::vector<float> naive_image(const ImageSet& set, std::size_t image, const Augmentation& augmentation) {
  constexpr std::size_t kPadded = 40;
  std::vector<std::uint8_t> padded(3 * kPadded * kPadded, 0);
  for (std::size_t i = 0; i < kImageBytes; ++i) {
    const std::size_t channel = i / 1024;
    padded[channel * kPadded * kPadded + (i / 32 % 32 + 4) * kPadded + i % 32 + 4] =
        set.pixels[image * kImageBytes + i];
  }
  std::vector<float> out;
  for (std::size_t channel = 0; channel < 3; ++channel) {
    for (std::size_t y = 0; y < 32; ++y) {
      for (std::size_t x = 0; x < 32; ++x) {
        const std::size_t in_window = augmentation.flip ? 31 - x : x;
        const std::size_t row = y + static_cast<std::size_t>(augmentation.dy);
        const std::size_t column = in_window + static_cast<std::size_t>(augmentation.dx);
        out.push_back(normalised(padded[channel * kPadded * kPadded + row * kPadded + column], channel));
      }
    }
  }
  return out;
}

// As torchvision's ToTensor and Normalize give them, to the last bit.
TEST(Normalised, SubtractsTheMeanAndDividesByTheDeviation) {
  EXPECT_EQ(normalised(0, 0), -1.98947370F);
  EXPECT_EQ(normalised(255, 0), 2.05910945F);
  EXPECT_EQ(normalised(0, 1), -1.98028755F);
  EXPECT_EQ(normalised(128, 1), 0.0811532587F);
  EXPECT_EQ(normalised(0, 2), -1.70680439F);
  EXPECT_EQ(normalised(255, 2), 2.11582589F);
}

TEST(WriteBatch, EqualsPaddingCroppingMirroringAndNormalisingInTurn) {
  const ImageSet set = make_set(3);
  for (int dy = 0; dy <= 8; ++dy) {
    for (int dx = 0; dx <= 8; ++dx) {
      for (const bool flip : {false, true}) {
        const Augmentation augmentation{.dx = dx, .dy = dy, .flip = flip};
        ASSERT_EQ(write(set, {2}, {augmentation}, MemoryOrder::nchw).images,
                  naive_image(set, 2, augmentation))
            << "dx " << dx << ", dy " << dy << ", flip " << flip;
      }
    }
  }
}

TEST(WriteBatch, PutsNormalisedZerosWhereTheWindowLeavesTheImage) {
  const ImageSet set = make_set(1);
  const Written corner = write(set, {0}, {{.dx = 0, .dy = 0}}, MemoryOrder::nchw);
  EXPECT_EQ(corner.images[0], normalised(0, 0));
  EXPECT_EQ(corner.images[3 * 32 + 31], normalised(0, 0));
  EXPECT_EQ(corner.images[4 * 32 + 3], normalised(0, 0));
  EXPECT_EQ(corner.images[4 * 32 + 4], normalised(set.pixels[0], 0));
}

TEST(WriteBatch, GathersImagesAndLabelsInTheOrderAskedFor) {
  const ImageSet set = make_set(5);
  const Written out = write(set, {4, 0, 4}, {}, MemoryOrder::nchw);
  EXPECT_EQ(out.labels, (std::vector<std::int64_t>{4, 0, 4}));
  std::vector<float> expected;
  for (const std::size_t image : {4U, 0U, 4U}) {
    const std::vector<float> one = naive_image(set, image, {});
    expected.insert(expected.end(), one.begin(), one.end());
  }
  EXPECT_EQ(out.images, expected);
}

TEST(WriteBatch, HoldsTheSameValuesInBothMemoryOrders) {
  const ImageSet set = make_set(4);
  const std::vector<std::uint32_t> indices = {3, 1};
  const std::vector<Augmentation> augmentations = {{.dx = 1, .dy = 7, .flip = true}, {.dx = 8, .dy = 0}};
  const Written planar = write(set, indices, augmentations, MemoryOrder::nchw);
  const Written interleaved = write(set, indices, augmentations, MemoryOrder::nhwc);
  for (std::size_t image = 0; image < 2; ++image) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      for (std::size_t i = 0; i < 1024; ++i) {
        ASSERT_EQ(planar.images[image * 3072 + channel * 1024 + i],
                  interleaved.images[image * 3072 + i * 3 + channel]);
      }
    }
  }
}

}  // namespace
}  // namespace trainbench
