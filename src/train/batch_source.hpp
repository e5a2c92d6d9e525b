#pragma once

#include <cstdint>
#include <functional>

#include "src/data/dataset.hpp"
#include "src/data/loader.hpp"
#include "src/measure/facts.hpp"

namespace trainbench {

/// Where batches come from, seen as the trainer needs it.
struct BatchSource {
  std::function<Batch()> next;  // the endless stream of training batches
  // Where set: called on the host before steps [first, first + steps) are handed to the device, never inside
  // a capture. Then `next` does no host work of its own, always returns the same two tensors and may be
  // captured: how often it has run stands on the device.
  std::function<void(std::int64_t first, std::int64_t steps)> prepare = nullptr;
  std::function<Batch(std::int64_t begin, std::int64_t count)> test_batch;
  std::int64_t batch_size = 0;
  std::int64_t batches_per_epoch = 0;
  std::int64_t test_images = 0;
  Facts facts;  // the data set: id, hash, sizes
};

/// What every source says about its data: id, hash and size of the set, and whether it is augmented.
Facts data_facts(const Dataset& dataset, bool augment);

/// Training batches by a Loader over `dataset.train`, test batches from `dataset.test`; keeps both alive.
/// Throws InputError where the batch is larger than the training set.
BatchSource loader_source(Dataset dataset, const LoaderOptions& options);

}  // namespace trainbench
