#include "src/model/work.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace trainbench {
namespace {

// conv1, layer1 .. layer4 in million multiply-accumulates.
std::map<std::string, MultiplyAccumulates> macs_by_stage(Stem stem) {
  std::map<std::string, MultiplyAccumulates> stages;
  for (const ConvolutionShape& shape : convolutions_of(stem)) {
    const MultiplyAccumulates macs = forward_macs(shape);
    MultiplyAccumulates& stage = stages[shape.name.substr(0, shape.name.find('.'))];
    stage.nominal += macs.nominal / 1e6;
    stage.effective += macs.effective / 1e6;
  }
  return stages;
}

TEST(ForwardMacs, CountsEveryTapAndThoseOnTheMap) {
  // 4x4 map, 3x3 kernel: 12 taps along an axis, of which the first and the last lie on padding.
  const MultiplyAccumulates macs = forward_macs({"x", 2, 5, 3, 1, 4, 4});
  EXPECT_EQ(macs.nominal, 2 * 5 * 12 * 12);
  EXPECT_EQ(macs.effective, 2 * 5 * 10 * 10);
}

TEST(ForwardMacs, KeepsOnlyTheCentreTapOnAOneByOneMap) {
  const MultiplyAccumulates macs = forward_macs({"x", 512, 512, 3, 1, 1, 1});
  EXPECT_EQ(macs.nominal, 9 * macs.effective);
  EXPECT_EQ(macs.effective, 512 * 512);
}

TEST(ConvolutionsOf, AreTwentyOnMapsThatShrinkToOnePixelOrToFour) {
  const auto imagenet = convolutions_of(Stem::imagenet);
  const auto cifar = convolutions_of(Stem::cifar);
  ASSERT_EQ(imagenet.size(), 20U);
  ASSERT_EQ(cifar.size(), 20U);
  EXPECT_EQ(imagenet.back().name, "layer4.1.conv2");
  EXPECT_EQ(imagenet.back().out_side, 1);
  EXPECT_EQ(cifar.back().out_side, 4);
  EXPECT_EQ(imagenet[1].in_side, 8);
  EXPECT_EQ(cifar[1].in_side, 32);
  EXPECT_EQ(imagenet[7].name, "layer2.0.downsample.0");
}

TEST(WorkPerImage, OfTheImagenetStemIsAsPublished) {
  const WorkPerImage work = work_per_image(Stem::imagenet);
  EXPECT_EQ(work.parameters, 11'181'642);
  EXPECT_NEAR(work.forward.nominal / 1e6, 37.02, 0.005);
  EXPECT_NEAR(work.forward.effective / 1e6, 21.67, 0.005);
  EXPECT_NEAR(work.train_flops_nominal / 1e9, 0.217, 0.0005);
  EXPECT_NEAR(work.train_flops_effective / 1e9, 0.126, 0.0005);
}

TEST(WorkPerImage, OfTheCifarStemIsAsPublished) {
  const WorkPerImage work = work_per_image(Stem::cifar);
  EXPECT_EQ(work.parameters, 11'173'962);
  EXPECT_NEAR(work.forward.nominal / 1e6, 555.4, 0.05);
  EXPECT_NEAR(work.forward.effective / 1e6, 481.9, 0.05);
  EXPECT_NEAR(work.train_flops_nominal / 1e9, 3.33, 0.005);
  EXPECT_NEAR(work.train_flops_effective / 1e9, 2.89, 0.005);
}

TEST(WorkPerImage, SplitsOverTheStagesAsPublished) {
  const auto stages = macs_by_stage(Stem::imagenet);
  const std::map<std::string, MultiplyAccumulates> published = {{"conv1", {2.41, 2.16}},
                                                                {"layer1", {9.44, 7.93}},
                                                                {"layer2", {8.39, 6.04}},
                                                                {"layer3", {8.39, 4.10}},
                                                                {"layer4", {8.39, 1.44}}};
  for (const auto& [name, macs] : published) {
    EXPECT_NEAR(stages.at(name).nominal, macs.nominal, 0.005) << name;
    EXPECT_NEAR(stages.at(name).effective, macs.effective, 0.005) << name;
  }
}

TEST(WorkPerImage, CountsClassesInTheLastLayerOnly) {
  const WorkPerImage ten = work_per_image(Stem::cifar, 10);
  const WorkPerImage hundred = work_per_image(Stem::cifar, 100);
  EXPECT_EQ(hundred.parameters - ten.parameters, 90 * 513);
  EXPECT_EQ(hundred.forward.nominal - ten.forward.nominal, 90 * 512);
}

// Elements by hand: 44,544 into and 50,688 out of the 20 convolutions (3,072 into conv1), 47,104 through
// ReLUs, 15,360 through residual sums, 18,944 at block inputs, 20,480 into and out of the pooling.
TEST(WorkPerImage, MovesActivationsAsOftenAsTheOperatorsReadAndWriteThem) {
  const double imagenet = 3 * (44'544 + 50'688) - (3'072 + 16'384) + 8 * 50'688 + 5 * 47'104 + 3 * 15'360 +
                          3 * 18'944 + 2 * 20'480;
  EXPECT_EQ(work_per_image(Stem::imagenet).activation_bytes, 4 * imagenet);
  // 666,624 in, 614,400 out, 557,056, 245,760 and 303,104; no pooling.
  const double cifar =
      3 * (666'624 + 614'400) - (3'072 + 65'536) + 8 * 614'400 + 5 * 557'056 + 3 * 245'760 + 3 * 303'104;
  EXPECT_EQ(work_per_image(Stem::cifar).activation_bytes, 4 * cifar);
}

}  // namespace
}  // namespace trainbench
