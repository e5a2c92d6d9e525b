#include "src/profile/attribution.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/profile/small_profile.hpp"

namespace trainbench::profile {
namespace {

Index find(const Profile& profile, const std::string& name) {
  for (std::size_t i = 0; i < profile.operators.size(); ++i) {
    if (profile.names.text(profile.operators[i].name) == name) return static_cast<Index>(i);
  }
  return kNone;
}

const OperatorPlace& place(const Profile& profile, const std::vector<OperatorPlace>& places,
                           const std::string& name) {
  return places[static_cast<std::size_t>(find(profile, name))];
}

/// A tree of operators with random nesting on two threads.
Profile random_profile(std::uint64_t seed) {
  Numbers numbers(seed);
  ProfileBuilder build;
  build.profile.threads.push_back({.name = "other", .system_id = 2});
  for (Index thread = 0; thread < 2; ++thread) {
    std::int64_t now = numbers.below(20);
    std::vector<Index> open;
    for (int i = 0; i < 40; ++i) {
      now += numbers.below(5);
      if (!open.empty() && numbers.below(2) == 0) {
        for (const Index index : open) build.at(index).time.end_ns = now;
        open.pop_back();
      } else {
        const Index parent = open.empty() ? kNone : open.back();
        open.push_back(build.op("op" + std::to_string(numbers.below(4)), now, now, parent));
        build.at(open.back()).thread = thread;
      }
    }
    for (const Index index : open) build.at(index).time.end_ns = now + 1;
  }
  build.step(10 + numbers.below(20), 50 + numbers.below(20));
  return build.profile;
}

TEST(Attribution, SelfTimesOfAThreadSumToItsOutermostTotals) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const Profile profile = random_profile(seed);
    require_consistent(profile);
    const std::vector<OperatorPlace> places = attribute(profile);
    std::map<Index, std::int64_t> self;
    std::map<Index, std::int64_t> total;
    for (std::size_t i = 0; i < places.size(); ++i) {
      const Index thread = profile.operators[i].thread;
      ASSERT_GE(places[i].self_ns, 0) << seed;
      self[thread] += places[i].self_ns;
      if (places[i].depth == 0) total[thread] += places[i].total_ns;
    }
    ASSERT_EQ(self, total) << seed;
  }
}

TEST(Attribution, GivesABackwardNodeTheForwardOperatorWithTheLatestStart) {
  const Profile profile = small_step();
  const std::vector<OperatorPlace> places = attribute(profile);
  EXPECT_EQ(place(profile, places, "ConvolutionBackward0").forward, find(profile, "aten::convolution"));
  EXPECT_EQ(place(profile, places, "ReluBackward0").forward, find(profile, "aten::relu_"));
  EXPECT_EQ(place(profile, places, "torch::autograd::AccumulateGrad").forward, kNone);
  const BackwardMatch match = match_of_backward(profile, places);
  EXPECT_EQ(match.nodes, 3);
  EXPECT_EQ(match.matched, 3);
}

TEST(Attribution, TakesNoWrapperForTheForwardOperatorOfItsNode) {
  Profile profile = small_step();
  const Index wrapper = find(profile, "autograd::engine::evaluate_function: ConvolutionBackward0");
  profile.operators[static_cast<std::size_t>(wrapper)].sequence = 7;
  const std::vector<OperatorPlace> places = attribute(profile);
  EXPECT_EQ(place(profile, places, "ConvolutionBackward0").forward, find(profile, "aten::convolution"));
}

TEST(Attribution, CountsANodeWithoutItsForwardOperatorAsUnmatched) {
  Profile profile = small_step();
  profile.operators[static_cast<std::size_t>(find(profile, "aten::relu_"))].sequence = 1000;
  const BackwardMatch match = match_of_backward(profile, attribute(profile));
  EXPECT_EQ(match.nodes, 3);
  EXPECT_EQ(match.matched, 2);
}

TEST(Attribution, GivesTheLayerOfAParameterToItsCalleesAndToItsBackwardNode) {
  const Profile profile = small_step();
  const std::vector<OperatorPlace> places = attribute(profile);
  for (const char* name :
       {"aten::conv2d", "aten::mkldnn_convolution", "ConvolutionBackward0", "aten::convolution_backward",
        "autograd::engine::evaluate_function: ConvolutionBackward0"}) {
    EXPECT_EQ(place(profile, places, name).layer, "layer1.0.conv1") << name;
  }
}

TEST(Attribution, GivesAnOperatorWithoutParametersTheBlockOfTheLayerBeforeIt) {
  const Profile profile = small_step();
  const std::vector<OperatorPlace> places = attribute(profile);
  EXPECT_EQ(place(profile, places, "aten::relu_").layer, "layer1.0");
  EXPECT_EQ(place(profile, places, "ReluBackward0").layer, "layer1.0");
  EXPECT_EQ(place(profile, places, "aten::cross_entropy_loss").layer, "");
}

TEST(Attribution, TakesTheLayerFromTheInnermostScope) {
  ProfileBuilder build;
  build.step(0, 100);
  build.phase(StepPhase::forward, 0, 100);
  const Index outer = build.op("layer1.0", 0, 100);
  const Index inner = build.op("layer1.0.conv1", 10, 50, outer);
  build.at(outer).kind = OperatorKind::scope;
  build.at(inner).kind = OperatorKind::scope;
  build.op("aten::convolution", 20, 40, inner);
  build.op("aten::relu", 60, 70, outer);
  const std::vector<OperatorPlace> places = attribute(build.profile);
  EXPECT_EQ(places[2].layer, "layer1.0.conv1");
  EXPECT_EQ(places[3].layer, "layer1.0");
}

TEST(Attribution, TellsPhasesByTimeAndBackwardByItsNodes) {
  Profile profile = small_step();
  std::vector<OperatorPlace> places = attribute(profile);
  EXPECT_EQ(place(profile, places, "aten::conv2d").phase, StepPhase::forward);
  EXPECT_EQ(place(profile, places, "aten::mkldnn_convolution").phase, StepPhase::forward);
  EXPECT_EQ(place(profile, places, "aten::cross_entropy_loss").phase, StepPhase::loss);
  EXPECT_EQ(places.back().phase, StepPhase::optimizer);
  profile.phases.clear();
  places = attribute(profile);
  EXPECT_EQ(place(profile, places, "aten::convolution_backward").phase, StepPhase::backward);
  EXPECT_EQ(place(profile, places, "aten::conv2d").phase, StepPhase::none);
}

TEST(Attribution, OfAnotherThreadHasNoPhaseUnlessItIsOfABackwardNode) {
  Profile profile = small_step();
  profile.threads.push_back({.name = "loader", .system_id = 2});
  profile.operators.push_back({.name = profile.names.id("aten::empty"), .thread = 1, .time = {150, 160}});
  EXPECT_EQ(attribute(profile).back().phase, StepPhase::none);
}

TEST(Attribution, CountsATotalOnceWhereAnOperatorCallsItself) {
  ProfileBuilder build;
  const Index outer = build.op("aten::div_", 0, 100);
  const Index middle = build.op("aten::mul", 10, 90, outer);
  build.op("aten::div_", 20, 80, middle);
  const std::vector<OperatorPlace> places = attribute(build.profile);
  EXPECT_TRUE(places[0].outermost);
  EXPECT_TRUE(places[1].outermost);
  EXPECT_FALSE(places[2].outermost);
}

TEST(Attribution, ClipsTimesToTheWindow) {
  ProfileBuilder build;
  build.step(50, 100);
  const Index outer = build.op("outer", 0, 80);
  build.op("inside", 10, 60, outer);
  build.op("behind", 120, 130);
  const std::vector<OperatorPlace> places = attribute(build.profile);
  EXPECT_EQ(places[0].total_ns, 30);
  EXPECT_EQ(places[0].self_ns, 20);
  EXPECT_EQ(places[1].total_ns, 10);
  EXPECT_EQ(places[2].total_ns, 0);
}

TEST(DisplayName, NamesTheEngineWhereItWorksOutsideANode) {
  const Profile profile = small_step();
  const std::vector<OperatorPlace> places = attribute(profile);
  EXPECT_EQ(
      display_name(profile, places, find(profile, "autograd::engine::evaluate_function: ReluBackward0")),
      "ReluBackward0 (engine)");
  EXPECT_EQ(display_name(profile, places, find(profile, "aten::add_")), "ConvolutionBackward0 (engine)");
  EXPECT_EQ(display_name(profile, places, static_cast<Index>(places.size()) - 1), "aten::add_");
  EXPECT_EQ(display_name(profile, places, find(profile, "aten::convolution_backward")),
            "aten::convolution_backward");
}

TEST(BlockOf, LeavesOutTheLastNameAndANumberWithItsList) {
  EXPECT_EQ(block_of("layer1.0.bn1"), "layer1.0");
  EXPECT_EQ(block_of("layer1.0.downsample.1"), "layer1.0");
  EXPECT_EQ(block_of("conv1"), "");
  EXPECT_EQ(block_of(""), "");
}

}  // namespace
}  // namespace trainbench::profile
