#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "src/base/errors.hpp"
#include "src/data/dataset.hpp"

namespace trainbench {
namespace {

TEST(MakeSynthetic, GivesTheSameBytesOnEveryMachine) {
  const Dataset set = make_synthetic(20, 10, 1);
  EXPECT_EQ(set.id, "synthetic");
  EXPECT_EQ(set.hash, "0cbb50251035a2de");
  EXPECT_EQ(make_synthetic(20, 10, 1).hash, set.hash);
}

TEST(MakeSynthetic, FollowsTheSeedAndTheSizes) {
  const Dataset set = make_synthetic(20, 10, 1);
  EXPECT_NE(make_synthetic(20, 10, 2).hash, set.hash);
  const Dataset larger = make_synthetic(35, 15, 1);
  EXPECT_EQ(larger.train.size(), 35U);
  EXPECT_EQ(larger.test.size(), 15U);
  EXPECT_TRUE(std::equal(set.train.pixels.begin(), set.train.pixels.end(), larger.train.pixels.begin()));
}

TEST(MakeSynthetic, DealsTheClassesInTurn) {
  const Dataset set = make_synthetic(23, 10, 5);
  for (std::size_t i = 0; i < set.train.size(); ++i) EXPECT_EQ(set.train.labels[i], i % 10);
}

TEST(MakeSynthetic, ShowsNoTestImageInTraining) {
  const Dataset set = make_synthetic(10, 10, 1);
  EXPECT_FALSE(std::equal(set.test.pixels.begin(), set.test.pixels.begin() + 3072, set.train.pixels.begin()));
}

TEST(MakeSynthetic, RefusesAnEmptyHalf) {
  EXPECT_THROW(make_synthetic(0, 10, 1), InputError);
  EXPECT_THROW(make_synthetic(10, 0, 1), InputError);
}

TEST(LoadDataset, TakesTheWordSyntheticForTheSetWithoutFiles) {
  const Dataset set = load_dataset("synthetic", {.train_images = 20, .test_images = 10, .seed = 1});
  EXPECT_EQ(set.hash, make_synthetic(20, 10, 1).hash);
}

constexpr std::size_t kFeatures = 3 * 8 * 8 + 1;
using Features = std::array<double, kFeatures>;

// Means of 4x4 pixels scaled to about -1..1, and a constant.
Features features_of(const ImageSet& set, std::size_t image) {
  Features features{};
  for (std::size_t i = 0; i < kImageBytes; ++i) {
    const std::size_t channel = i / kPlaneBytes;
    const std::size_t y = i / kImageSide % kImageSide;
    const std::size_t x = i % kImageSide;
    features[channel * 64 + y / 4 * 8 + x / 4] +=
        (static_cast<double>(set.pixels[image * kImageBytes + i]) / 128.0 - 1.0) / 16.0;
  }
  features.back() = 1.0;
  return features;
}

class LinearSoftmax {
 public:
  std::array<double, kNumClasses> probabilities(const Features& features) const {
    std::array<double, kNumClasses> p{};
    double sum = 0;
    for (std::size_t c = 0; c < kNumClasses; ++c) {
      for (std::size_t f = 0; f < kFeatures; ++f) p[c] += weights_[c][f] * features[f];
      sum += p[c] = std::exp(p[c]);
    }
    for (double& value : p) value /= sum;
    return p;
  }

  void step(const Features& features, std::size_t label, double rate) {
    const auto p = probabilities(features);
    for (std::size_t c = 0; c < kNumClasses; ++c) {
      const double error = p[c] - (c == label ? 1.0 : 0.0);
      for (std::size_t f = 0; f < kFeatures; ++f) weights_[c][f] -= rate * error * features[f];
    }
  }

 private:
  std::array<Features, kNumClasses> weights_{};
};

TEST(MakeSynthetic, HasClassesThatALinearModelLearns) {
  const Dataset set = make_synthetic(2'000, 500, 1);
  LinearSoftmax model;
  for (int epoch = 0; epoch < 3; ++epoch) {
    for (std::size_t i = 0; i < set.train.size(); ++i) {
      model.step(features_of(set.train, i), set.train.labels[i], 0.05);
    }
  }
  std::size_t correct = 0;
  for (std::size_t i = 0; i < set.test.size(); ++i) {
    const auto p = model.probabilities(features_of(set.test, i));
    correct += std::max_element(p.begin(), p.end()) - p.begin() == set.test.labels[i] ? 1U : 0U;
  }
  RecordProperty("correct_of_500", static_cast<int>(correct));
  EXPECT_GT(correct, 250U);
}

}  // namespace
}  // namespace trainbench
