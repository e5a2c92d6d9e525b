#include "src/data/loader.hpp"

#include <ATen/ops/equal.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <vector>

#include "src/base/errors.hpp"
#include "src/data/batch_writer.hpp"

namespace trainbench {
namespace {

const ImageSet& images() {
  static const ImageSet set = make_synthetic(50, 10, 1).train;
  return set;
}

// The index of each image of a batch that was not augmented, by its pixels.
std::vector<std::size_t> indices_of(const Batch& batch) {
  std::vector<std::size_t> indices;
  for (std::int64_t row = 0; row < batch.images.size(0); ++row) {
    for (std::size_t image = 0; image < images().size(); ++image) {
      const Batch candidate = evaluation_batch(images(), image, 1, false);
      if (at::equal(candidate.images[0], batch.images[row])) indices.push_back(image);
    }
  }
  return indices;
}

std::string refusal(const LoaderOptions& options) {
  try {
    const Loader loader(images(), options);
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
    return error.what();
  }
  return "(no refusal)";
}

TEST(Loader, GivesTheSameBatchesForAnyNumberOfWorkersAndDepth) {
  Loader reference(images(), {.batch_size = 8, .seed = 3});
  std::vector<Batch> expected;
  for (int k = 0; k < 20; ++k) expected.push_back(reference.next());
  for (const int workers : {1, 2, 5}) {
    for (const int depth : {1, 4}) {
      Loader loader(images(), {.batch_size = 8, .workers = workers, .queue_depth = depth, .seed = 3});
      for (const Batch& batch : expected) {
        const Batch actual = loader.next();
        ASSERT_TRUE(at::equal(actual.images, batch.images)) << workers << " workers";
        ASSERT_TRUE(at::equal(actual.labels, batch.labels)) << workers << " workers";
      }
    }
  }
}

TEST(Loader, ShapesItsBatchesAsTheNetworkTakesThem) {
  Loader loader(images(), {.batch_size = 8});
  const Batch batch = loader.next();
  EXPECT_EQ(batch.images.sizes(), (std::vector<std::int64_t>{8, 3, 32, 32}));
  EXPECT_EQ(batch.images.scalar_type(), at::kFloat);
  EXPECT_TRUE(batch.images.is_contiguous());
  EXPECT_EQ(batch.labels.sizes(), (std::vector<std::int64_t>{8}));
  EXPECT_EQ(batch.labels.scalar_type(), at::kLong);
}

TEST(Loader, HoldsTheSameValuesInChannelsLast) {
  Loader contiguous(images(), {.batch_size = 8});
  Loader channels_last(images(), {.batch_size = 8, .channels_last = true});
  const at::Tensor images_last = channels_last.next().images;
  EXPECT_TRUE(images_last.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_TRUE(at::equal(images_last, contiguous.next().images));
}

TEST(Loader, ShowsEachImageOnceAnEpochAndDropsTheRest) {
  Loader loader(images(), {.batch_size = 8, .augment = false});
  ASSERT_EQ(loader.batches_per_epoch(), 6);
  std::set<std::vector<std::size_t>> epochs;
  for (int epoch = 0; epoch < 3; ++epoch) {
    std::vector<std::size_t> order;
    for (int batch = 0; batch < 6; ++batch) {
      const Batch loaded = loader.next();
      for (const std::size_t image : indices_of(loaded)) order.push_back(image);
    }
    EXPECT_EQ(order.size(), 48U);
    EXPECT_EQ(std::set<std::size_t>(order.begin(), order.end()).size(), 48U);
    epochs.insert(order);
  }
  EXPECT_EQ(epochs.size(), 3U);  // each in an order of its own
}

TEST(Loader, PairsEachImageWithItsLabel) {
  Loader loader(images(), {.batch_size = 50, .workers = 2, .augment = false});
  const Batch batch = loader.next();
  const std::vector<std::size_t> indices = indices_of(batch);
  ASSERT_EQ(indices.size(), 50U);
  for (std::size_t row = 0; row < 50; ++row) {
    EXPECT_EQ(batch.labels[static_cast<std::int64_t>(row)].item<std::int64_t>(),
              images().labels[indices[row]]);
  }
}

TEST(Loader, AugmentsAsTheSeedSays) {
  Loader loader(images(), {.batch_size = 8, .seed = 7});
  const at::Tensor loaded = loader.next().images;
  const std::vector<std::uint32_t> order = epoch_order(7, 0, 50);
  for (std::int64_t row = 0; row < 8; ++row) {
    const std::uint32_t image = order[static_cast<std::size_t>(row)];
    const Augmentation augmentation = augmentation_of(7, 0, image);
    std::vector<float> expected(kImageBytes);
    std::int64_t label = -1;
    write_batch(images(), {&image, 1}, {&augmentation, 1}, {.images = expected.data(), .labels = &label});
    const at::Tensor flat = loaded[row].contiguous();
    const std::span actual(flat.const_data_ptr<float>(), kImageBytes);
    EXPECT_TRUE(std::equal(actual.begin(), actual.end(), expected.begin())) << "row " << row;
  }
}

TEST(Loader, FollowsItsSeed) {
  Loader one(images(), {.batch_size = 8, .seed = 1});
  Loader other(images(), {.batch_size = 8, .seed = 2});
  EXPECT_FALSE(at::equal(one.next().images, other.next().images));
}

TEST(Loader, LeavesABatchAloneThatIsStillHeld) {
  Loader loader(images(), {.batch_size = 8, .workers = 2});
  const Batch held = loader.next();
  const at::Tensor copy = held.images.clone();
  for (int k = 0; k < 50; ++k) loader.next();
  EXPECT_TRUE(at::equal(held.images, copy));
}

TEST(Loader, EndsCleanlyWithItsQueueFull) {
  for (int round = 0; round < 20; ++round) {
    Loader loader(images(), {.batch_size = 8, .workers = 3, .queue_depth = 5});
    loader.next();
  }
}

TEST(Loader, RefusesABatchThatTheSetCannotFillAndNamesBoth) {
  EXPECT_THAT(refusal({.batch_size = 51}),
              testing::AllOf(testing::HasSubstr("51"), testing::HasSubstr("50 images")));
  EXPECT_THAT(refusal({.batch_size = 0}), testing::HasSubstr("it is 0"));
  EXPECT_THAT(refusal({.batch_size = 8, .workers = -1}), testing::HasSubstr("-1"));
  EXPECT_THAT(refusal({.batch_size = 8, .workers = 257}), testing::HasSubstr("between 0 and 256"));
  EXPECT_THAT(refusal({.batch_size = 8, .queue_depth = 0}), testing::HasSubstr("1 or more, not 0"));
}

TEST(Loader, TakesAnImageSetOfUnequalHalvesForOurFault) {
  ImageSet broken = images();
  broken.labels.pop_back();
  EXPECT_THROW(Loader(broken, {.batch_size = 8}), std::logic_error);
}

TEST(EvaluationBatch, IsTheImagesInTheirOrderAndEndsWithTheSet) {
  const Batch batch = evaluation_batch(images(), 45, 10, false);
  EXPECT_EQ(batch.images.size(0), 5);
  EXPECT_EQ(batch.labels[0].item<std::int64_t>(), images().labels[45]);
  EXPECT_EQ(batch.images[4][2][31][31].item<float>(), normalised(images().pixels.back(), 2));
  EXPECT_EQ(batch.images[0][0][0][0].item<float>(), normalised(images().pixels[45 * kImageBytes], 0));
  EXPECT_TRUE(at::equal(evaluation_batch(images(), 45, 10, true).images, batch.images));
  EXPECT_THROW(evaluation_batch(images(), 50, 1, false), std::logic_error);
}

}  // namespace
}  // namespace trainbench
