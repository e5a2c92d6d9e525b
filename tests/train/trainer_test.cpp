#include "src/train/trainer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "src/base/errors.hpp"
#include "src/model/resnet18.hpp"
#include "tests/train/small_training.hpp"

namespace trainbench {
namespace {

std::vector<double> resnet_losses(std::uint64_t seed) {
  seed_torch(seed);
  BatchSource source =
      loader_source(make_synthetic(64, 10, 3), {.batch_size = 16, .workers = 1, .seed = seed});
  Trainer trainer(net_from("resnet18", std::make_shared<ResNet18Impl>()), std::move(source), {}, 4);
  return losses_of(trainer, 4);
}

TEST(Trainer, LearnsTheSyntheticSet) {
  Trainer trainer = small_trainer();
  const double before = *trainer.test_accuracy(0);
  losses_of(trainer, 40);
  EXPECT_LT(before, 40);
  EXPECT_GT(*trainer.test_accuracy(0), 80);
}

TEST(Trainer, GivesBitIdenticalLossesForTheSameSeedAndOthersForAnother) {
  EXPECT_EQ(resnet_losses(5), resnet_losses(5));
  EXPECT_NE(resnet_losses(5), resnet_losses(6));
}

TEST(Trainer, GivesTheSameLossesForAnyNumberOfLoaderThreads) {
  Trainer none = small_trainer({.workers = 0});
  Trainer three = small_trainer({.workers = 3});
  EXPECT_EQ(losses_of(none, 10), losses_of(three, 10));
}

TEST(Trainer, StepEqualsMomentumAndWeightDecayWrittenByHand) {
  Trainer trainer = small_trainer({.learning_rate = 0.02, .steps = 1000});
  const at::Tensor weight = trainer.net().parameters[0];
  at::Tensor expected = weight.detach().to(at::kDouble);
  at::Tensor momentum = at::zeros_like(expected);
  for (int step = 0; step < 3; ++step) {
    trainer.step();
    const at::Tensor gradient = weight.grad().to(at::kDouble) + 5e-4 * expected;
    momentum = 0.9 * momentum + gradient;
    expected = expected - learning_rate_at({.learning_rate = 0.02}, step, 1000) * momentum;
  }
  EXPECT_LT((weight.detach().to(at::kDouble) - expected).abs().max().item<double>(), 1e-7);
}

TEST(Trainer, NamesTheFirstStepWhoseLossIsNotFinite) {
  Trainer trainer = small_trainer({.learning_rate = 1e30});
  try {
    for (int i = 0; i < 10; ++i) trainer.step();
    trainer.take_mean_loss();
    FAIL() << "a learning rate of 1e30 must not pass";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), testing::MatchesRegex("The loss of step [0-9]+ is not finite: .*"));
    EXPECT_THAT(error.what(), testing::HasSubstr("learning rate than 1e+30"));
  }
}

TEST(Trainer, MeanLossIsOverTheStepsSinceTheLastCall) {
  Trainer trainer = small_trainer();
  const std::vector<double> losses = losses_of(trainer, 2);
  EXPECT_DOUBLE_EQ(trainer.take_mean_loss(), (losses[0] + losses[1]) / 2);
  const std::vector<double> more = losses_of(trainer, 1);
  EXPECT_DOUBLE_EQ(trainer.take_mean_loss(), more[0]);
  EXPECT_DOUBLE_EQ(trainer.last_loss(), more[0]);
}

TEST(Trainer, HasNoLossBeforeTheFirstStep) {
  Trainer trainer = small_trainer();
  EXPECT_THROW(trainer.last_loss(), std::logic_error);
}

TEST(Trainer, EvaluatesAsManyTestImagesAsAreAskedForAndLeavesTrainingMode) {
  Trainer trainer = small_trainer();
  const double of_seven = *trainer.test_accuracy(7);
  EXPECT_DOUBLE_EQ(of_seven * 7 / 100, std::round(of_seven * 7 / 100));
  trainer.step();
  EXPECT_TRUE(std::isfinite(trainer.last_loss()));
}

TEST(Trainer, ReportsTheImagesAndTheWaitOfAStep) {
  Trainer trainer = small_trainer();
  const StepReport report = trainer.step();
  EXPECT_EQ(report.images, 20);
  EXPECT_GE(report.data_wait_seconds, 0);
}

}  // namespace
}  // namespace trainbench
