#include "src/train/step_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "src/base/errors.hpp"

namespace trainbench {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string refusal(const StepOptions& options, std::string_view device, Feed feed) {
  try {
    require_consistent(options, device, feed);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

constexpr StepOptions kGraph{.optimizer = OptimizerKind::fused_sgd, .form = StepForm::graph};

TEST(StepOptions, EveryCombinationThatTheExperimentsUseIsAccepted) {
  EXPECT_EQ(refusal({}, "cpu", Feed::host), "accepted");
  EXPECT_EQ(refusal({}, "cuda", Feed::host), "accepted");
  EXPECT_EQ(refusal({.precision = Precision::tf32, .cudnn_benchmark = true}, "cuda", Feed::device),
            "accepted");
  EXPECT_EQ(
      refusal({.precision = Precision::amp_fp16, .scaling = LossScaling::host_read}, "cuda", Feed::host),
      "accepted");
  EXPECT_EQ(refusal({.precision = Precision::amp_fp16,
                     .scaling = LossScaling::host_read,
                     .optimizer = OptimizerKind::fused_sgd},
                    "cuda", Feed::host),
            "accepted");
  EXPECT_EQ(refusal({.precision = Precision::half,
                     .scaling = LossScaling::on_device,
                     .optimizer = OptimizerKind::fused_sgd,
                     .form = StepForm::graph,
                     .steps_per_launch = 8,
                     .channels_last = true},
                    "cuda", Feed::device),
            "accepted");
  EXPECT_EQ(refusal({.precision = Precision::amp_bf16}, "cuda", Feed::host), "accepted");
  EXPECT_EQ(refusal({.precision = Precision::amp_fp16}, "cpu", Feed::host), "accepted");
}

TEST(StepOptions, AGraphNeedsAGpuDeviceFeedFusedSgdAndNoReadOfTheHost) {
  EXPECT_EQ(refusal(kGraph, "cuda", Feed::device), "accepted");
  EXPECT_THAT(refusal(kGraph, "cpu", Feed::device), AllOf(HasSubstr("graph"), HasSubstr("on cpu")));
  EXPECT_THAT(refusal(kGraph, "cuda", Feed::host), HasSubstr("take feed device"));
  StepOptions options = kGraph;
  options.optimizer = OptimizerKind::sgd;
  EXPECT_THAT(refusal(options, "cuda", Feed::device), HasSubstr("take fused SGD"));
  options = kGraph;
  options.precision = Precision::amp_fp16;
  options.scaling = LossScaling::host_read;
  EXPECT_THAT(refusal(options, "cuda", Feed::device), HasSubstr("take scaling on_device"));
}

TEST(StepOptions, SeveralStepsInALaunchNeedAGraph) {
  EXPECT_THAT(refusal({.steps_per_launch = 4}, "cuda", Feed::device), HasSubstr("steps_per_launch 4"));
  StepOptions options = kGraph;
  options.steps_per_launch = 0;
  EXPECT_THAT(refusal(options, "cuda", Feed::device), HasSubstr("1 or more, not 0"));
}

TEST(StepOptions, LossScalingIsOfFloat16AloneAndFloat16OnAGpuNeedsIt) {
  for (const Precision precision : {Precision::fp32, Precision::tf32, Precision::amp_bf16}) {
    EXPECT_THAT(refusal({.precision = precision, .scaling = LossScaling::host_read}, "cuda", Feed::host),
                AllOf(HasSubstr(std::string(to_string(precision))), HasSubstr("take scaling none")));
  }
  EXPECT_THAT(refusal({.precision = Precision::amp_fp16}, "cuda", Feed::host),
              HasSubstr("without loss scaling"));
  EXPECT_THAT(
      refusal({.precision = Precision::half, .optimizer = OptimizerKind::fused_sgd}, "cuda", Feed::host),
      HasSubstr("without loss scaling"));
}

TEST(StepOptions, WhatOnlyTheFusedOptimizerCanDoIsRefusedWithTheOther) {
  EXPECT_THAT(
      refusal({.precision = Precision::amp_fp16, .scaling = LossScaling::on_device}, "cuda", Feed::host),
      AllOf(HasSubstr("torch::optim::SGD"), HasSubstr("take fused SGD")));
  EXPECT_THAT(refusal({.precision = Precision::half}, "cpu", Feed::host), HasSubstr("master copy"));
}

TEST(StepOptions, WhatOnlyAGpuHasIsRefusedOnTheCpu) {
  EXPECT_THAT(refusal({.precision = Precision::tf32}, "cpu", Feed::host), HasSubstr("take fp32"));
  EXPECT_THAT(refusal({.cudnn_benchmark = true}, "cpu", Feed::host), HasSubstr("not on cpu"));
  EXPECT_THAT(refusal({}, "tpu", Feed::host), HasSubstr("not on 'tpu'"));
}

TEST(StepFacts, OfThePlainLoopAreThoseOfResultsFromBeforeThereWereOptions) {
  const Facts expected = {
      {"precision", "fp32"}, {"optimizer", "torch::optim::SGD"}, {"layout", "contiguous"}};
  EXPECT_EQ(step_facts({}, Feed::host), expected);
}

TEST(StepFacts, NameEveryOptionThatIsNotTheDefault) {
  const Facts expected = {{"precision", "half"},     {"optimizer", "fused SGD"}, {"layout", "channels_last"},
                          {"scaling", "on_device"},  {"form", "graph"},          {"steps_per_launch", "8"},
                          {"cudnn_benchmark", "on"}, {"feed", "device"}};
  EXPECT_EQ(step_facts({.precision = Precision::half,
                        .scaling = LossScaling::on_device,
                        .optimizer = OptimizerKind::fused_sgd,
                        .form = StepForm::graph,
                        .steps_per_launch = 8,
                        .channels_last = true,
                        .cudnn_benchmark = true},
                       Feed::device),
            expected);
}

}  // namespace
}  // namespace trainbench
