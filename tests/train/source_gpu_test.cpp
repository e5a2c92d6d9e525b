#include <ATen/ops/equal.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "src/gpu/copy_stream.hpp"
#include "src/gpu/graph.hpp"
#include "src/train/device_source.hpp"
#include "src/train/prefetch_source.hpp"
#include "tests/gpu/gpu_test.hpp"

// What only a GPU can show; the rest of the sources' tests run on the CPU.

namespace trainbench {
namespace {

const at::Device kGpu(at::kCUDA, 0);
constexpr std::int64_t kBatch = 16;

class SourceOnGpu : public gpu::GpuTest {};

const Dataset& dataset() {
  static const Dataset set = make_synthetic(200, 30, 1);  // 12 batches an epoch
  return set;
}

bool equal_batch(const Batch& on_device, const Batch& expected) {
  return at::equal(on_device.images.cpu(), expected.images) &&
         at::equal(on_device.labels.cpu(), expected.labels);
}

TEST_F(SourceOnGpu, DeviceSourceGivesTheLoadersBitsOverFourEpochs) {
  for (const bool channels_last : {false, true}) {
    Loader loader(dataset().train, {.batch_size = kBatch, .seed = 3, .channels_last = channels_last});
    const BatchSource source =
        device_source(dataset(), {.batch_size = kBatch, .seed = 3, .channels_last = channels_last}, kGpu);
    for (std::int64_t first = 0; first < 4 * source.batches_per_epoch; first += 5) {
      source.prepare(first, 5);
      for (int i = 0; i < 5; ++i) ASSERT_TRUE(equal_batch(source.next(), loader.next())) << first + i;
    }
    EXPECT_TRUE(
        equal_batch(source.test_batch(10, 30), evaluation_batch(dataset().test, 10, 30, channels_last)));
  }
}

/// Keeps the current stream busy for some milliseconds, so that the host runs ahead of it.
void burden() {
  const at::Tensor ones = at::ones({2048, 2048}, kGpu);
  for (int i = 0; i < 4; ++i) at::matmul(ones, ones);
}

TEST_F(SourceOnGpu, PicksAreNotOverwrittenWhileTheDeviceIsBehindTheHost) {
  Loader loader(dataset().train, {.batch_size = kBatch, .seed = 4});
  const BatchSource source = device_source(dataset(), {.batch_size = kBatch, .seed = 4}, kGpu);
  std::vector<Batch> kept;
  for (std::int64_t k = 0; k < 5 * source.batches_per_epoch; ++k) {
    burden();
    source.prepare(k, 1);
    const Batch batch = source.next();
    kept.push_back({.images = batch.images.clone(), .labels = batch.labels.clone()});
  }
  for (std::size_t k = 0; k < kept.size(); ++k) EXPECT_TRUE(equal_batch(kept[k], loader.next())) << k;
}

TEST_F(SourceOnGpu, SeveralStepsOfAGraphTakeTheBatchesThatWerePrepared) {
  constexpr int kSteps = 5;
  Loader loader(dataset().train, {.batch_size = kBatch, .seed = 5});
  const BatchSource source = device_source(dataset(), {.batch_size = kBatch, .seed = 5}, kGpu);
  std::vector<Batch> kept;
  source.prepare(0, 1);
  const Batch first = source.next();
  EXPECT_TRUE(equal_batch(first, loader.next()));
  for (int i = 0; i < kSteps; ++i) kept.push_back({first.images.clone(), first.labels.clone()});
  gpu::CapturedWork graph([&] {
    for (Batch& copy : kept) {
      const Batch batch = source.next();
      copy.images.copy_(batch.images);
      copy.labels.copy_(batch.labels);
    }
  });
  for (std::int64_t k = 1; k < 4 * source.batches_per_epoch; k += kSteps) {
    source.prepare(k, kSteps);
    graph.launch();
    for (const Batch& copy : kept) ASSERT_TRUE(equal_batch(copy, loader.next())) << k;
  }
}

TEST_F(SourceOnGpu, PrefetchedBatchesKeepOrderAndContentUnderLoad) {
  for (const bool pinned : {true, false}) {
    Loader loader(dataset().train, {.batch_size = kBatch, .seed = 6});
    const BatchSource source = prefetch_source(
        loader_source(dataset(), {.batch_size = kBatch, .workers = 2, .seed = 6, .pinned = pinned}), kGpu);
    std::vector<Batch> kept;
    for (int k = 0; k < 100; ++k) {
      burden();
      const Batch batch = source.next();  // dropped at once, while the device has yet to read it
      kept.push_back({.images = batch.images.clone(), .labels = batch.labels.clone()});
    }
    for (std::size_t k = 0; k < kept.size(); ++k) {
      EXPECT_TRUE(equal_batch(kept[k], loader.next())) << k << (pinned ? " pinned" : "");
    }
  }
}

TEST_F(SourceOnGpu, PrefetchedBatchesMayBeHeld) {
  Loader loader(dataset().train, {.batch_size = kBatch});
  const BatchSource source =
      prefetch_source(loader_source(dataset(), {.batch_size = kBatch, .pinned = true}), kGpu);
  std::vector<Batch> held;
  for (int k = 0; k < 20; ++k) held.push_back(source.next());
  for (const Batch& batch : held) EXPECT_TRUE(equal_batch(batch, loader.next()));
}

TEST_F(SourceOnGpu, PrefetchKeepsTheMemoryFormat) {
  const BatchSource source = prefetch_source(
      loader_source(dataset(), {.batch_size = kBatch, .channels_last = true, .pinned = true}), kGpu);
  EXPECT_TRUE(source.next().images.is_contiguous(at::MemoryFormat::ChannelsLast));
}

TEST_F(SourceOnGpu, ALoaderWritesIntoPinnedMemoryWhereAskedTo) {
  for (const int workers : {0, 2}) {
    Loader plain(dataset().train, {.batch_size = kBatch, .workers = workers});
    Loader pinned(dataset().train, {.batch_size = kBatch, .workers = workers, .pinned = true});
    for (int k = 0; k < 10; ++k) {
      const Batch batch = pinned.next();
      EXPECT_TRUE(batch.images.is_pinned() && batch.labels.is_pinned());
      const Batch expected = plain.next();
      EXPECT_FALSE(expected.images.is_pinned());
      EXPECT_TRUE(at::equal(batch.images, expected.images));
    }
  }
}

TEST_F(SourceOnGpu, CopiesAreStartedAndTakenInTurn) {
  gpu::CopyStream stream(kGpu);
  EXPECT_THROW(stream.take(), std::logic_error);
  stream.start({at::ones({3})});
  EXPECT_THROW(stream.start({at::ones({3})}), std::logic_error);
  EXPECT_TRUE(at::equal(stream.take().at(0).cpu(), at::ones({3})));
  EXPECT_THROW(stream.take(), std::logic_error);
}

}  // namespace
}  // namespace trainbench
