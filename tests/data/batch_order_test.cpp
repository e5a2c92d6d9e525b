#include "src/data/batch_order.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>

namespace trainbench {
namespace {

TEST(RandomBits, AreSplitMix64s) {
  // The first outputs for state 0 and for 1234567 of its authors' reference code.
  EXPECT_EQ(random_bits(0, 0), 0xE220A8397B1DCDAFULL);
  EXPECT_EQ(random_bits(0, 1), 0x6E789E6AA1B965F4ULL);
  EXPECT_EQ(random_bits(1234567, 0), 6457827717110365317ULL);
}

TEST(RandomBelow, ScalesTheHighBitsToTheBound) {
  EXPECT_EQ(random_below(0, 10), 0U);
  EXPECT_EQ(random_below(0x8000000000000000ULL, 10), 5U);
  EXPECT_EQ(random_below(~0ULL, 10), 9U);
  EXPECT_EQ(random_below(~0ULL, 1), 0U);
}

TEST(BatchPosition, CountsEpochsOfWholeBatches) {
  EXPECT_EQ(num_batches_per_epoch(1000, 128), 7);
  EXPECT_EQ(num_batches_per_epoch(128, 128), 1);
  EXPECT_EQ(batch_position(6, 7).epoch, 0);
  EXPECT_EQ(batch_position(6, 7).batch, 6);
  EXPECT_EQ(batch_position(7, 7).epoch, 1);
  EXPECT_EQ(batch_position(7, 7).batch, 0);
}

TEST(EpochOrder, IsAPermutationInEveryEpoch) {
  std::vector<std::uint32_t> all(1000);
  std::iota(all.begin(), all.end(), 0U);
  for (const std::int64_t epoch : {0, 1, 2, 1'000'000}) {
    EXPECT_THAT(epoch_order(1, epoch, 1000), testing::UnorderedElementsAreArray(all)) << epoch;
  }
  EXPECT_THAT(epoch_order(1, 0, 1), testing::ElementsAre(0U));
}

TEST(EpochOrder, FollowsSeedAndEpochAlone) {
  EXPECT_EQ(epoch_order(1, 3, 1000), epoch_order(1, 3, 1000));
  EXPECT_NE(epoch_order(1, 3, 1000), epoch_order(1, 4, 1000));
  EXPECT_NE(epoch_order(1, 3, 1000), epoch_order(2, 3, 1000));
}

TEST(EpochOrder, IsTheSameOnEveryMachine) {
  EXPECT_THAT(epoch_order(1, 0, 8), testing::ElementsAre(4U, 7U, 6U, 5U, 0U, 2U, 3U, 1U));
}

TEST(EpochOrder, PutsEveryImageInEveryPlaceAboutEquallyOften) {
  std::array<int, 4> first{};
  for (std::int64_t epoch = 0; epoch < 4000; ++epoch) ++first[epoch_order(9, epoch, 4)[0]];
  // Five standard deviations of a binomial with n = 4000, p = 1/4 are 137.
  for (const int count : first) EXPECT_NEAR(count, 1000, 137);
}

TEST(AugmentationOf, CoversEveryWindowAndBothDirectionsEvenly) {
  std::array<int, 81> windows{};
  int flips = 0;
  constexpr int kImages = 81'000;
  for (std::uint32_t image = 0; image < kImages; ++image) {
    const Augmentation augmentation = augmentation_of(1, 0, image);
    ASSERT_TRUE(augmentation.dx >= 0 && augmentation.dx <= 8 && augmentation.dy >= 0 && augmentation.dy <= 8);
    ++windows[static_cast<std::size_t>(augmentation.dy * 9 + augmentation.dx)];
    flips += augmentation.flip ? 1 : 0;
  }
  for (const int count : windows) EXPECT_NEAR(count, 1000, 157);  // five standard deviations
  EXPECT_NEAR(flips, kImages / 2, 712);
}

TEST(AugmentationOf, DiffersBetweenEpochsAndSeeds) {
  int same_epoch = 0;
  int same_seed = 0;
  for (std::uint32_t image = 0; image < 1000; ++image) {
    const Augmentation one = augmentation_of(1, 0, image);
    const Augmentation later = augmentation_of(1, 1, image);
    const Augmentation other = augmentation_of(2, 0, image);
    same_epoch += one.dx == later.dx && one.dy == later.dy && one.flip == later.flip ? 1 : 0;
    same_seed += one.dx == other.dx && one.dy == other.dy && one.flip == other.flip ? 1 : 0;
  }
  EXPECT_LT(same_epoch, 25);  // one in 162 expected
  EXPECT_LT(same_seed, 25);
}

}  // namespace
}  // namespace trainbench
