#include <ATen/ops/full_like.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "src/base/errors.hpp"
#include "tests/train/small_training.hpp"
#include "tests/train/static_source.hpp"

namespace trainbench {
namespace {

using testing::HasSubstr;

constexpr StepOptions kFused{.optimizer = OptimizerKind::fused_sgd};
constexpr StepOptions kHostRead{.precision = Precision::amp_fp16, .scaling = LossScaling::host_read};
constexpr StepOptions kFusedHostRead{.precision = Precision::amp_fp16,
                                     .scaling = LossScaling::host_read,
                                     .optimizer = OptimizerKind::fused_sgd};
constexpr StepOptions kOnDevice{.precision = Precision::amp_fp16,
                                .scaling = LossScaling::on_device,
                                .optimizer = OptimizerKind::fused_sgd};
constexpr StepOptions kHalf{
    .precision = Precision::half, .scaling = LossScaling::on_device, .optimizer = OptimizerKind::fused_sgd};

/// Enough for the net with convolutions to learn in 40 steps.
constexpr SmallTraining kFast{.learning_rate = 0.2};

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

TEST(TrainerOptions, TheFusedBodyGivesThePlainLoopsLossesUpToFloat32Rounding) {
  const auto plain = trainer_of<ConvolutionNet>({}, kFast);
  const auto fused = trainer_of<ConvolutionNet>(kFused, kFast);
  const std::vector<double> expected = losses_of(*plain, 40);
  EXPECT_LT(expected.back(), 0.8 * expected.front());
  EXPECT_LT(largest_difference(losses_of(*fused, 40), expected), 1e-5);
}

TEST(TrainerOptions, ChannelsLastTrainsToTheSameLosses) {
  StepOptions options = kFused;
  options.channels_last = true;
  const auto plain = trainer_of<ConvolutionNet>({});
  const auto last = trainer_of<ConvolutionNet>(options);
  EXPECT_TRUE(last->net().parameters[0].is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_LT(largest_difference(losses_of(*last, 20), losses_of(*plain, 20)), 1e-4);
  EXPECT_TRUE(last->net().parameters[0].is_contiguous(at::MemoryFormat::ChannelsLast));
}

TEST(TrainerOptions, EveryPrecisionLearnsNearlyAsFloat32Does) {
  const std::vector<double> expected = losses_of(*trainer_of<LinearNet>({}), 40);
  EXPECT_LT(expected.back(), 0.75 * expected.front());
  for (const StepOptions& options :
       {StepOptions{.precision = Precision::amp_bf16}, StepOptions{.precision = Precision::amp_fp16},
        kHostRead, kFusedHostRead, kOnDevice, kHalf}) {
    const auto trainer = trainer_of<LinearNet>(options);
    const std::vector<double> losses = losses_of(*trainer, 40);
    // bfloat16 keeps 8 bits of a value, float16 11; a first step or two may overflow and be skipped.
    const double bound = options.precision == Precision::amp_bf16 ? 0.1 : 0.05;
    EXPECT_NEAR(losses.back(), expected.back(), bound) << to_string(options.precision);
    EXPECT_NE(losses, expected) << to_string(options.precision);
    EXPECT_GT(*trainer->test_accuracy(0), 80) << to_string(options.precision);
  }
}

TEST(TrainerOptions, TheTwoFormsOfTheScalerGiveBitIdenticalLosses) {
  EXPECT_EQ(losses_of(*trainer_of<NormalisedNet>(kOnDevice), 20),
            losses_of(*trainer_of<NormalisedNet>(kFusedHostRead), 20));
}

TEST(TrainerOptions, AutocastLeavesTheWeightsInFloat32AndHalfOnlyTheNormalisation) {
  const auto autocast = trainer_of<NormalisedNet>(kOnDevice);
  const auto half = trainer_of<NormalisedNet>(kHalf);
  losses_of(*autocast, 2);
  losses_of(*half, 2);
  for (const at::Tensor& parameter : autocast->net().parameters) {
    EXPECT_EQ(parameter.scalar_type(), at::kFloat);
  }
  std::vector<at::ScalarType> types;
  for (const at::Tensor& parameter : half->net().parameters) types.push_back(parameter.scalar_type());
  EXPECT_EQ(types, (std::vector<at::ScalarType>{at::kHalf, at::kHalf, at::kFloat, at::kFloat, at::kHalf,
                                                at::kHalf}));
}

constexpr auto kInfinity = std::numeric_limits<double>::infinity();

/// Makes the gradient of the first parameter overflow in the first `steps` steps.
void overflow(const Trainer& trainer, int steps) {
  const auto seen = std::make_shared<int>(0);
  trainer.net().parameters[0].register_hook([steps, seen](const at::Tensor& gradient) {
    return ++*seen <= steps ? at::full_like(gradient, kInfinity) : gradient;
  });
}

TEST(TrainerOptions, AStepThatOverflowsChangesNoWeightAndHalvesTheScale) {
  for (const StepOptions& options : {kHostRead, kFusedHostRead, kOnDevice, kHalf}) {
    const auto trainer = trainer_of<NormalisedNet>(options);
    overflow(*trainer, 2);
    std::vector<at::Tensor> before;
    for (const at::Tensor& parameter : trainer->net().parameters)
      before.push_back(parameter.detach().clone());
    trainer->step();
    trainer->step();
    for (std::size_t i = 0; i < before.size(); ++i) {
      EXPECT_TRUE(trainer->net().parameters[i].equal(before[i]));
    }
    Metrics metrics;
    trainer->add_metrics(metrics);
    EXPECT_EQ(metrics, (Metrics{{"skipped_steps", 2}, {"loss_scale", 16384}}));
    trainer->step();
    EXPECT_FALSE(trainer->net().parameters[0].equal(before[0]));
    metrics.clear();
    trainer->add_metrics(metrics);
    EXPECT_EQ(metrics["skipped_steps"], 2);
    EXPECT_TRUE(std::isfinite(trainer->take_mean_loss()));
  }
}

TEST(TrainerOptions, OverflowInEveryStepEndsWithASentenceWhereTheHostReadsAnyway) {
  const auto trainer = trainer_of<LinearNet>(kOnDevice);
  overflow(*trainer, 1000);
  losses_of(*trainer, 16);
  EXPECT_NO_THROW(trainer->take_mean_loss());
  trainer->step();
  try {
    trainer->take_mean_loss();
    FAIL() << "a scale of 0.5 must not pass";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("overflowed in 17 steps, which brought the loss scale to 0.5"));
  }
  Metrics metrics;
  EXPECT_THROW(trainer->add_metrics(metrics), InputError);
}

TEST(TrainerOptions, MetricsOfALossWithoutScaleAreNone) {
  Metrics metrics;
  trainer_of<LinearNet>(kFused)->add_metrics(metrics);
  EXPECT_TRUE(metrics.empty());
}

TEST(TrainerOptions, TheTableOfLossesNamesTheFirstStepThatIsNotFinite) {
  const auto plain = trainer_of<LinearNet>({}, {.learning_rate = 1e30});
  const auto fused = trainer_of<LinearNet>(kFused, {.learning_rate = 1e30});
  std::string expected;
  try {
    losses_of(*plain, 10);
  } catch (const InputError& error) {
    expected = error.what();
  }
  EXPECT_THAT(expected, HasSubstr("is not finite"));
  losses_of(*fused, 10);
  try {
    fused->take_mean_loss();
    FAIL() << "a learning rate of 1e30 must not pass";
  } catch (const InputError& error) {
    EXPECT_EQ(error.what(), expected);
  }
}

TEST(TrainerOptions, MeanAndLastLossOfTheTableAreThoseOfItsSteps) {
  const auto trainer = trainer_of<LinearNet>(kFused, {.steps = 3});
  EXPECT_THROW(trainer->last_loss(), std::logic_error);
  const std::vector<double> losses = losses_of(*trainer, 5);
  EXPECT_DOUBLE_EQ(trainer->take_mean_loss(),
                   (losses[0] + losses[1] + losses[2] + losses[3] + losses[4]) / 5);
  EXPECT_EQ(trainer->take_mean_loss(), losses[4]);
}

TEST(TrainerOptions, EvaluationGivesTheSameInEveryFormAndLeavesTheTrainingAlone) {
  const auto watched = trainer_of<NormalisedNet>(kFused);
  const auto alone = trainer_of<NormalisedNet>(kFused);
  losses_of(*watched, 10);
  losses_of(*alone, 10);
  const std::optional<double> accuracy = watched->test_accuracy(0);
  EXPECT_EQ(watched->test_accuracy(100), accuracy);
  EXPECT_EQ(losses_of(*watched, 5), losses_of(*alone, 5));
}

TEST(TrainerOptions, OptionsThatDoNotGoTogetherAreRefusedAtOnce) {
  EXPECT_THROW(trainer_of<LinearNet>({.precision = Precision::half}), InputError);
  EXPECT_THROW(trainer_of<LinearNet>({.precision = Precision::tf32}), InputError);
  StepOptions graph = kFused;
  graph.form = StepForm::graph;
  EXPECT_THROW(trainer_of<LinearNet>(graph), InputError) << "the batches are made on the host";
}

TEST(TrainerOptions, ANetThatCannotBeMovedIsRefusedWhereItMust) {
  Net net = net_from("linear", std::make_shared<LinearNet>());
  net.move_to = nullptr;
  EXPECT_NO_THROW(Trainer(net, small_source(), {}, 4));
  EXPECT_THROW(Trainer(net, small_source(), {}, 4, {.channels_last = true}), std::logic_error);
}

TEST(Phases, OfAStepComeInTheirOrderAndEachEnds) {
  const auto trainer = trainer_of<LinearNet>({});
  std::vector<std::pair<Phase, bool>> seen;
  trainer->observe_phases([&](Phase phase, bool begin) { seen.emplace_back(phase, begin); });
  trainer->step();
  std::vector<std::pair<Phase, bool>> expected;
  for (const Phase phase : {Phase::load, Phase::forward, Phase::loss, Phase::backward, Phase::optimizer}) {
    expected.emplace_back(phase, true);
    expected.emplace_back(phase, false);
  }
  EXPECT_EQ(seen, expected);
}

TEST(Phases, EndAlsoWhereAnExceptionPasses) {
  BatchSource source = small_source();
  source.next = []() -> Batch { throw std::runtime_error("no batch"); };
  const auto trainer = trainer_of<LinearNet>({}, {}, source);
  std::vector<bool> seen;
  trainer->observe_phases([&](Phase, bool begin) { seen.push_back(begin); });
  EXPECT_THROW(trainer->step(), std::runtime_error);
  EXPECT_EQ(seen, (std::vector<bool>{true, false}));
}

}  // namespace
}  // namespace trainbench
