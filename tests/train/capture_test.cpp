#include <ATen/ops/ones.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "src/base/errors.hpp"
#include "src/model/resnet18.hpp"
#include "tests/train/host_reads.hpp"
#include "tests/train/small_training.hpp"
#include "tests/train/static_source.hpp"

namespace trainbench {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::StartsWith;

constexpr StepOptions kFusedStep{.optimizer = OptimizerKind::fused_sgd};

StepOptions fused(Precision precision, LossScaling scaling = LossScaling::none) {
  return {.precision = precision, .scaling = scaling, .optimizer = OptimizerKind::fused_sgd};
}

TEST(HostReads, SeesReadsOfTheHostAndCopiesToAnotherDevice) {
  const at::Tensor one = at::ones({1});
  EXPECT_THAT(host_reads_of([&] { one.item<float>(); }), Contains(StartsWith("aten::item")));
  EXPECT_THAT(host_reads_of([&] { one.nonzero(); }), Contains(StartsWith("aten::nonzero")));
  EXPECT_THAT(host_reads_of([&] { one.is_nonzero(); }), Contains(StartsWith("aten::is_nonzero")));
  EXPECT_THAT(host_reads_of([&] { one.cpu(); }), Contains(StartsWith("aten::to")));
  EXPECT_THAT(host_reads_of([&] { one.to(at::Device(at::kCPU)); }), Contains(StartsWith("aten::to")));
  EXPECT_THAT(host_reads_of([&] { one.to(at::kHalf).add_(1); }), IsEmpty());
}

TEST(Capture, TheBodyOfAFusedStepReadsNothingOnTheHostInAnyPrecision) {
  for (const StepOptions& options :
       {kFusedStep, fused(Precision::amp_bf16), fused(Precision::amp_fp16, LossScaling::on_device),
        fused(Precision::half, LossScaling::on_device)}) {
    const auto trainer = trainer_of<NormalisedNet>(options, {}, static_source(small_source(), 4, at::kCPU));
    trainer->step();
    EXPECT_THAT(host_reads_of([&] { trainer->step(); }), IsEmpty()) << to_string(options.precision);
  }
}

TEST(Capture, TheBodyOfAFusedStepOfResNet18ReadsNothingOnTheHost) {
  for (const bool channels_last : {false, true}) {
    StepOptions options = fused(Precision::amp_bf16);
    options.channels_last = channels_last;
    const auto trainer = trainer_of<ResNet18Impl>(options, {}, static_source(small_source(), 1, at::kCPU));
    EXPECT_THAT(host_reads_of([&] { trainer->step(); }), IsEmpty());
  }
}

TEST(Capture, TheHostReadScalerAndThePlainLoopAreCaughtReading) {
  const auto scaled = trainer_of<LinearNet>(fused(Precision::amp_fp16, LossScaling::host_read), {},
                                            static_source(small_source(), 4, at::kCPU));
  EXPECT_THAT(host_reads_of([&] { scaled->step(); }), Contains(StartsWith("aten::item")));
  const auto plain = trainer_of<LinearNet>({});
  EXPECT_THAT(host_reads_of([&] { plain->step(); }), Contains(StartsWith("aten::item")));
}

/// What a graph's launch does, done by running the work.
std::function<void()> run_instead(std::function<void()> work) {
  return work;
}

TEST(GraphForm, RunsElevenStepsEagerlyAndThenLaunchesWithTheSameLosses) {
  const auto eager = trainer_of<ConvolutionNet>(kFusedStep, {}, static_source(small_source(), 20, at::kCPU));
  const std::vector<double> expected = losses_of(*eager, 20);

  std::vector<std::pair<std::int64_t, std::int64_t>> prepared;
  StepOptions options = kFusedStep;
  options.form = StepForm::graph;
  options.steps_per_launch = 3;
  const auto graph = trainer_of<ConvolutionNet>(
      options, {}, static_source(small_source(), 20, at::kCPU, [&](std::int64_t first, std::int64_t steps) {
        prepared.emplace_back(first, steps);
      }));
  int captures = 0;
  graph->capture_by([&](std::function<void()> work) {
    ++captures;
    return run_instead(std::move(work));
  });
  std::vector<double> losses = losses_of(*graph, kStepsBeforeCapture);
  EXPECT_EQ(captures, 0);
  for (int launch = 0; launch < 3; ++launch) {
    const StepReport report = graph->step();
    EXPECT_EQ(report.steps, 3);
    EXPECT_EQ(report.images, 60);
    losses.push_back(graph->last_loss());
  }
  EXPECT_EQ(captures, 1);
  EXPECT_THAT(prepared, testing::IsSupersetOf(std::vector<std::pair<std::int64_t, std::int64_t>>{
                            {0, 1}, {10, 1}, {11, 3}, {14, 3}, {17, 3}}));
  EXPECT_EQ(prepared.size(), 14);
  const std::vector<double> last = {expected[13], expected[16], expected[19]};
  EXPECT_EQ(std::vector<double>(losses.end() - 3, losses.end()), last);
  double sum = 0;
  for (const double loss : expected) sum += loss;
  EXPECT_DOUBLE_EQ(graph->take_mean_loss(), sum / 20);
}

TEST(GraphForm, OnTheCpuIsRefusedWhereItWouldBeCaptured) {
  StepOptions options = kFusedStep;
  options.form = StepForm::graph;
  const auto trainer = trainer_of<LinearNet>(options, {}, static_source(small_source(), 4, at::kCPU));
  for (int i = 0; i < kStepsBeforeCapture; ++i) trainer->step();
  EXPECT_THROW(trainer->step(), std::exception);
}

}  // namespace
}  // namespace trainbench
