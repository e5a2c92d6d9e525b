#include "src/train/device_source.hpp"

#include <ATen/ops/equal.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "src/base/errors.hpp"

namespace trainbench {
namespace {

// 6 batches of 8 an epoch, 2 images left over; 13 test images.
constexpr std::int64_t kBatch = 8;
constexpr std::int64_t kEpoch = 6;

const Dataset& dataset() {
  static const Dataset set = make_synthetic(50, 13, 1);
  return set;
}

BatchSource small_device_source(const DeviceSourceOptions& options) {
  return device_source(dataset(), options, at::kCPU);
}

void expect_equal_batch(const Batch& actual, const Batch& expected) {
  ASSERT_TRUE(at::equal(actual.images, expected.images));
  ASSERT_TRUE(at::equal(actual.labels, expected.labels));
}

TEST(DeviceSource, GivesTheLoadersBatchesOverThreeEpochs) {
  for (const bool augment : {true, false}) {
    SCOPED_TRACE(augment ? "augmented" : "plain");
    Loader loader(dataset().train, {.batch_size = kBatch, .seed = 3, .augment = augment});
    const BatchSource source = small_device_source({.batch_size = kBatch, .seed = 3, .augment = augment});
    for (std::int64_t k = 0; k < 3 * kEpoch; ++k) {
      source.prepare(k, 1);
      expect_equal_batch(source.next(), loader.next());
    }
  }
}

TEST(DeviceSource, GivesTheSameBatchesWhenSeveralStepsArePreparedAtOnceAcrossEpochs) {
  for (const std::int64_t steps : {std::int64_t{4}, std::int64_t{5}, kEpoch}) {
    SCOPED_TRACE(steps);
    Loader loader(dataset().train, {.batch_size = kBatch, .seed = 4});
    const BatchSource source = small_device_source({.batch_size = kBatch, .seed = 4});
    source.prepare(0, 1);
    expect_equal_batch(source.next(), loader.next());
    for (std::int64_t first = 1; first < 5 * kEpoch; first += steps) {
      source.prepare(first, steps);
      for (std::int64_t i = 0; i < steps; ++i) expect_equal_batch(source.next(), loader.next());
    }
  }
}

TEST(DeviceSource, PreparingAStepTwiceChangesNothing) {
  Loader loader(dataset().train, {.batch_size = kBatch, .seed = 5});
  const BatchSource source = small_device_source({.batch_size = kBatch, .seed = 5});
  for (std::int64_t k = 0; k < 2 * kEpoch; ++k) {
    source.prepare(k, kEpoch);
    source.prepare(k, 1);
    expect_equal_batch(source.next(), loader.next());
  }
}

TEST(DeviceSource, OverwritesTheSameTwoTensors) {
  const BatchSource source = small_device_source({.batch_size = kBatch});
  source.prepare(0, 2);
  const Batch first = source.next();
  const at::Tensor before = first.images.clone();
  const Batch second = source.next();
  EXPECT_TRUE(first.images.is_same(second.images));
  EXPECT_TRUE(first.labels.is_same(second.labels));
  EXPECT_FALSE(at::equal(first.images, before));
}

TEST(DeviceSource, GivesChannelsLastAndHalfWhereAskedFor) {
  Loader loader(dataset().train, {.batch_size = kBatch});
  const BatchSource source =
      small_device_source({.batch_size = kBatch, .channels_last = true, .dtype = at::kHalf});
  source.prepare(0, 1);
  const Batch batch = source.next();
  EXPECT_TRUE(batch.images.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_TRUE(at::equal(batch.images, loader.next().images.to(at::kHalf)));
  const at::Tensor tested = source.test_batch(0, 4).images;
  EXPECT_TRUE(tested.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_EQ(tested.scalar_type(), at::kHalf);
}

TEST(DeviceSource, TestBatchesAreThoseOfTheHostInTensorsOfTheirOwn) {
  const BatchSource source = small_device_source({.batch_size = kBatch});
  const Batch whole = source.test_batch(0, 13);
  expect_equal_batch(whole, evaluation_batch(dataset().test, 0, 13, false));
  expect_equal_batch(source.test_batch(3, 4), evaluation_batch(dataset().test, 3, 4, false));
  const Batch cut = source.test_batch(8, kBatch);
  EXPECT_EQ(cut.labels.size(0), 5);
  expect_equal_batch(cut, evaluation_batch(dataset().test, 8, kBatch, false));
  expect_equal_batch(whole, evaluation_batch(dataset().test, 0, 13, false));
  EXPECT_THROW(source.test_batch(13, 1), std::logic_error);
  EXPECT_THROW(source.test_batch(-1, 1), std::logic_error);
  EXPECT_THROW(source.test_batch(0, 0), std::logic_error);
}

TEST(DeviceSource, TestBatchesDoNotDisturbTheStreamOfTrainingBatches) {
  Loader loader(dataset().train, {.batch_size = kBatch});
  const BatchSource source = small_device_source({.batch_size = kBatch});
  for (std::int64_t k = 0; k < kEpoch; ++k) {
    source.prepare(k, 1);
    source.test_batch(0, 5);
    expect_equal_batch(source.next(), loader.next());
  }
}

TEST(DeviceSource, SaysTheSameAboutItsDataAsALoader) {
  for (const bool augment : {true, false}) {
    const BatchSource host = loader_source(dataset(), {.batch_size = kBatch, .augment = augment});
    const BatchSource device = small_device_source({.batch_size = kBatch, .augment = augment});
    EXPECT_EQ(device.facts, host.facts);
    EXPECT_EQ(device.batch_size, host.batch_size);
    EXPECT_EQ(device.batches_per_epoch, host.batches_per_epoch);
    EXPECT_EQ(device.test_images, host.test_images);
  }
}

template <class Error, class Action>
std::string refusal(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "(no refusal)";
}

TEST(DeviceSource, RefusesABatchSizeInTheLoadersWords) {
  for (const std::int64_t batch : {std::int64_t{0}, std::int64_t{51}}) {
    const std::string words = refusal<InputError>([&] { small_device_source({.batch_size = batch}); });
    EXPECT_THAT(words, testing::HasSubstr("it is " + std::to_string(batch) + ", and the set has 50 images"));
    EXPECT_EQ(words, refusal<InputError>([&] { Loader(dataset().train, {.batch_size = batch}); }));
  }
}

TEST(DeviceSource, RefusesMoreStepsAtOnceThanAnEpochHas) {
  const BatchSource source = small_device_source({.batch_size = kBatch});
  EXPECT_THAT(refusal<InputError>([&] { source.prepare(0, kEpoch + 1); }),
              testing::StartsWith("7 steps at once are more than an epoch, which has 6 batches of 8 images"));
}

TEST(DeviceSource, RefusesToGoBackOrToPrepareNothing) {
  const BatchSource source = small_device_source({.batch_size = kBatch});
  source.prepare(5, 1);
  EXPECT_EQ(refusal<std::logic_error>([&] { source.prepare(4, 1); }),
            "1 steps from 4 on were to be prepared after step 5.");
  EXPECT_THROW(source.prepare(5, 0), std::logic_error);
}

TEST(DeviceSource, RefusesABatchBeforeTheFirstPrepare) {
  const BatchSource source = small_device_source({.batch_size = kBatch});
  EXPECT_EQ(refusal<std::logic_error>([&] { source.next(); }),
            "A batch was asked for before the first prepare.");
}

}  // namespace
}  // namespace trainbench
