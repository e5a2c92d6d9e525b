#include "src/profile/convolution_work.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/profile/small_profile.hpp"

namespace trainbench::profile {
namespace {

using testing::ElementsAre;

Profile step_with_inputs(const std::string& inputs) {
  Profile profile = small_step();
  const NameId name = *profile.names.find("aten::convolution_backward");
  for (OperatorRecord& record : profile.operators) {
    if (record.name == name) record.inputs = profile.names.id(inputs);
  }
  return profile;
}

TEST(TensorsOf, ReadsTypesAndSizesAndLeavesOutTheRest) {
  EXPECT_THAT(tensors_of("float32[128,3,32,32] outputs(1,1,0) bfloat16[] x"),
              ElementsAre(TensorText{"float32", {128, 3, 32, 32}}, TensorText{"bfloat16", {}}));
  EXPECT_THAT(tensors_of(""), testing::IsEmpty());
}

TEST(ConvolutionMacs, AreOutputTimesInputChannelsTimesTaps) {
  EXPECT_EQ(convolution_macs({128, 64, 32, 32}, {64, 3, 3, 3}), 128.0 * 64 * 32 * 32 * 27);
  // Two groups: the weight has half of the input's channels.
  EXPECT_EQ(convolution_macs({1, 4, 5, 5}, {4, 1, 3, 3}), 4.0 * 25 * 9);
  EXPECT_EQ(convolution_macs({1, 4, 5, 5}, {8, 1, 3, 3}), std::nullopt);
  EXPECT_EQ(convolution_macs({1, 4}, {4, 1}), std::nullopt);
}

TEST(ConvolutionWork, CountsForwardOnceAndBackwardForEachGradientAskedFor) {
  const std::string sizes = "float32[2,64,8,8] float32[2,3,8,8] float32[64,3,3,3]";
  const double pass = 2.0 * (2 * 64 * 8 * 8) * 3 * 9;
  for (const auto& [outputs, gradients] :
       {std::pair(" outputs(1,1,0)", 2.0), std::pair(" outputs(0,1,0)", 1.0), std::pair("", 2.0)}) {
    const Profile profile = step_with_inputs(sizes + outputs);
    const std::vector<ConvolutionWork> rows = convolution_work(profile, attribute(profile));
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].layer, "layer1.0.conv1");
    EXPECT_EQ(rows[0].weight, "float32[64,3,3,3]");
    EXPECT_EQ(rows[0].forward_flops, pass);
    EXPECT_EQ(rows[0].backward_flops, gradients * pass) << outputs;
    EXPECT_EQ(rows[0].forward_ns, 80);
    EXPECT_EQ(rows[0].backward_ns, 198);
  }
}

constexpr const char* kInputs = "float32[2,64,8,8] float32[2,3,8,8] float32[64,3,3,3]";

/// The operators' indices in small_step.
constexpr Index kForwardCall = 2;    // aten::mkldnn_convolution
constexpr Index kBackwardCall = 11;  // aten::convolution_backward

TEST(ConvolutionWork, TakesAGpusTimeWhereItsWorkWasRecorded) {
  ProfileBuilder build;
  build.profile = step_with_inputs(kInputs);
  ASSERT_EQ(build.profile.names.text(build.at(kBackwardCall).name), "aten::convolution_backward");
  build.kernel("conv", 300, 307, build.launch(130, 140, kForwardCall));
  build.kernel("other", 310, 360, build.launch(210, 220, 3));
  build.kernel("dgrad", 700, 711, build.launch(620, 630, kBackwardCall));
  build.kernel("wgrad", 720, 733, build.launch(640, 650, kBackwardCall));
  const std::vector<ConvolutionWork> rows = convolution_work(build.profile, attribute(build.profile));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].calls, 1);
  EXPECT_EQ(rows[0].forward_ns, 7);
  EXPECT_EQ(rows[0].backward_ns, 11 + 13);
}

TEST(ConvolutionWork, CountsTheReplaysOfAConvolutionThatWasCaptured) {
  ProfileBuilder build;
  build.profile = step_with_inputs(kInputs);
  const double once = convolution_work(build.profile, attribute(build.profile)).at(0).forward_flops;
  build.profile.steps = {{2000, 3000}, {3000, 4000}};
  for (const std::int64_t begin : {2000, 3000}) {
    const Index launch = build.launch(begin + 10, begin + 20);
    for (const Index caller : {kForwardCall, kBackwardCall, kBackwardCall}) {
      GpuRecord& record = build.kernel("k", begin + 100, begin + 105, launch);
      record.caller = caller;
      record.graph_node = static_cast<std::uint64_t>(caller);
    }
  }
  const std::vector<ConvolutionWork> rows = convolution_work(build.profile, attribute(build.profile));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].calls, 2);
  EXPECT_EQ(rows[0].forward_flops, 2 * once);
  EXPECT_EQ(rows[0].forward_ns, 2 * 5);
  EXPECT_EQ(rows[0].backward_ns, 4 * 5);
}

TEST(ConvolutionWork, HasNoTimeOfAGpuThatWasNotRecorded) {
  Profile profile = step_with_inputs(kInputs);
  profile.measurement["device"] = "cuda";
  EXPECT_EQ(convolution_work(profile, attribute(profile)).at(0).forward_ns, 0);
}

TEST(ConvolutionWork, IsNothingWhereInputsWereNotRecorded) {
  const Profile profile = small_step();
  EXPECT_THAT(convolution_work(profile, attribute(profile)), testing::IsEmpty());
}

}  // namespace
}  // namespace trainbench::profile
