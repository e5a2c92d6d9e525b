#include <ATen/Context.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "src/gpu/device.hpp"
#include "src/model/resnet18.hpp"
#include "src/train/precision.hpp"
#include "tests/train/small_training.hpp"
#include "tests/train/static_source.hpp"

// What only a GPU can show; the rest of the trainer's tests run on the CPU.

namespace trainbench {
namespace {

const at::Device kGpu(at::kCUDA, 0);

class OnGpu : public testing::Test {
 protected:
  void SetUp() override {
    if (!at::hasCUDA()) GTEST_SKIP() << "no CUDA device";
    gpu::open_device(0);
    // Else cuDNN may take algorithms whose sums depend on chance.
    at::globalContext().setDeterministicCuDNN(true);
  }
};

StepOptions with_form(StepOptions options, StepForm form, int steps_per_launch = 1) {
  options.form = form;
  options.steps_per_launch = steps_per_launch;
  return options;
}

template <class Module>
std::unique_ptr<Trainer> gpu_trainer(const StepOptions& options) {
  return trainer_of<Module>(options, {.learning_rate = 0.02, .steps = 60},
                            static_source(small_source(), 20, kGpu), kGpu);
}

const std::vector<StepOptions> kPrecisions = {
    {.optimizer = OptimizerKind::fused_sgd},
    {.precision = Precision::tf32, .optimizer = OptimizerKind::fused_sgd},
    {.precision = Precision::amp_bf16, .optimizer = OptimizerKind::fused_sgd},
    {.precision = Precision::amp_fp16,
     .scaling = LossScaling::on_device,
     .optimizer = OptimizerKind::fused_sgd},
    {.precision = Precision::half, .scaling = LossScaling::on_device, .optimizer = OptimizerKind::fused_sgd}};

TEST_F(OnGpu, GraphReplayEqualsTheEagerStepBitForBitOver50Steps) {
  StepOptions options{.optimizer = OptimizerKind::fused_sgd};
  const std::vector<double> eager = losses_of(*gpu_trainer<ResNet18Impl>(options), 50);
  const std::vector<double> graph =
      losses_of(*gpu_trainer<ResNet18Impl>(with_form(options, StepForm::graph)), 50);
  EXPECT_EQ(graph, eager);
}

TEST_F(OnGpu, SeveralStepsInALaunchGiveTheLossesOfSingleSteps) {
  const StepOptions options{.optimizer = OptimizerKind::fused_sgd};
  const std::vector<double> eager = losses_of(*gpu_trainer<ConvolutionNet>(options), 31);
  const auto graph = gpu_trainer<ConvolutionNet>(with_form(options, StepForm::graph, 4));
  losses_of(*graph, kStepsBeforeCapture);
  for (std::int64_t step = kStepsBeforeCapture; step < 31; step += 4) {
    EXPECT_EQ(graph->step().steps, 4);
    EXPECT_EQ(graph->last_loss(), eager[static_cast<std::size_t>(step) + 3]);
  }
}

TEST_F(OnGpu, TheLossDecreasesInEveryPrecisionAndFormAndFollowsFloat32) {
  for (const bool channels_last : {false, true}) {
    for (StepOptions options : kPrecisions) {
      options.channels_last = channels_last;
      for (const StepForm form : {StepForm::eager, StepForm::graph}) {
        const auto trainer = gpu_trainer<ResNet18Impl>(with_form(options, form));
        const std::vector<double> losses = losses_of(*trainer, 60);
        const std::string name =
            std::string(to_string(options.precision)) + " " + std::string(to_string(form));
        EXPECT_LT(losses.back(), 0.5 * losses.front()) << name;
        EXPECT_GT(*trainer->test_accuracy(0), 60) << name;
        Metrics metrics;
        trainer->add_metrics(metrics);
        EXPECT_EQ(metrics.contains("loss_scale"), options.scaling != LossScaling::none) << name;
      }
    }
  }
}

TEST_F(OnGpu, TheStudysFormsTrain) {
  for (const StepOptions& options :
       {StepOptions{}, StepOptions{.precision = Precision::amp_fp16, .scaling = LossScaling::host_read}}) {
    const auto trainer =
        trainer_of<ResNet18Impl>(options, {.learning_rate = 0.02, .steps = 60}, small_source(), kGpu);
    const std::vector<double> losses = losses_of(*trainer, 60);
    EXPECT_LT(losses.back(), 0.5 * losses.front()) << to_string(options.precision);
  }
}

double product_error() {
  seed_torch(1);
  const at::Tensor a = at::randn({256, 256}, at::TensorOptions(at::kFloat).device(kGpu));
  const at::Tensor exact = at::matmul(a.to(at::kDouble), a.to(at::kDouble));
  return ((at::matmul(a, a).to(at::kDouble) - exact).abs().max() / exact.abs().max()).item<double>();
}

TEST_F(OnGpu, Fp32IsIeeeArithmeticAndTf32IsNot) {
  {
    const Float32Settings settings(Precision::fp32, false);
    EXPECT_LT(product_error(), 1e-5);
  }
  const Float32Settings settings(Precision::tf32, false);
  EXPECT_GT(product_error(), 1e-5);
}

}  // namespace
}  // namespace trainbench
