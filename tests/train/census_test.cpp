#include "src/train/census.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>
#include <torch/version.h>

#include <memory>
#include <string>

#include "src/model/resnet18.hpp"
#include "tests/train/small_training.hpp"

namespace trainbench {
namespace {

TEST(CountStep, CountsOperatorsAllocationsAndTheirPeak) {
  const at::Tensor outside = at::zeros({16});
  const StepCensus census = count_step([&] {
    { const at::Tensor first = at::empty({1024}); }
    const at::Tensor second = at::empty({512});
    at::relu(outside);
  });
  // empty, empty, relu and relu's clamp_min with an empty_like or so of its own: at least three, few in all.
  EXPECT_GE(census.operators, 3);
  EXPECT_LT(census.operators, 12);
  EXPECT_EQ(census.allocations, 3);
  EXPECT_EQ(census.peak_bytes, 4096);
}

TEST(CountStep, CountsNothingForAStepThatDoesNothing) {
  const StepCensus census = count_step([] {});
  EXPECT_EQ(census.operators, 0);
  EXPECT_EQ(census.allocations, 0);
  EXPECT_EQ(census.peak_bytes, 0);
}

TEST(CountStep, SeesTheBackwardPassAndGivesTheSameCountsTwice) {
  Trainer trainer = small_trainer();
  trainer.step();
  const StepCensus first = count_step([&] { trainer.step(); }, trainer.net().parameters);
  const StepCensus second = count_step([&] { trainer.step(); }, trainer.net().parameters);
  EXPECT_GT(first.operators, 30);
  EXPECT_EQ(first.operators, second.operators);
  EXPECT_EQ(first.allocations, second.allocations);
  EXPECT_EQ(first.peak_bytes, second.peak_bytes);
}

// A step that follows a counted one, and so releases nothing that is not known, is the yardstick.
TEST(CountStep, IsNotMisledByGradientsThatWereMadeBeforeItCounted) {
  Trainer trainer = small_trainer();
  trainer.step();
  const StepCensus first = count_step([&] { trainer.step(); }, trainer.net().parameters);
  const StepCensus behind_a_counted_one = count_step([&] { trainer.step(); });
  EXPECT_EQ(first.peak_bytes, behind_a_counted_one.peak_bytes);
  EXPECT_EQ(first.allocations, behind_a_counted_one.allocations);
  EXPECT_EQ(first.operators, behind_a_counted_one.operators);
}

// The figure of the committed reference results: the plain loop is the yardstick and must stay what it was.
TEST(CountStep, ThePlainLoopOfResNet18CallsWhatItDidInTheReferenceResults) {
  if (std::string(TORCH_VERSION) != "2.11.0") GTEST_SKIP() << "the figure is of LibTorch 2.11.0";
  seed_torch(1);
  Trainer trainer(net_from("resnet18", std::make_shared<ResNet18Impl>()),
                  loader_source(make_synthetic(64, 10, 3), {.batch_size = 16, .workers = 0, .seed = 1}), {},
                  4);
  trainer.step();
  EXPECT_EQ(count_step([&] { trainer.step(); }).operators, 2025);
}

TEST(CountStep, LeavesNoCallbackBehind) {
  count_step([] {});
  at::zeros({4});
  const StepCensus census = count_step([] {});
  EXPECT_EQ(census.operators, 0);
}

}  // namespace
}  // namespace trainbench
