#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

#include "src/data/dataset.hpp"

namespace trainbench {

struct Batch {
  at::Tensor images;  ///< float32 [N, 3, 32, 32] on the CPU, normalised
  at::Tensor labels;  ///< int64 [N], 0..9
};

struct LoaderOptions {
  std::int64_t batch_size = 128;
  int workers = 0;      ///< 0: `next` makes the batch itself; else that many threads
  int queue_depth = 4;  ///< with workers: batches that all of them together may be ahead of the consumer
  std::uint64_t seed = 1;
  bool augment = true;         ///< random crop with padding 4 and horizontal flip
  bool channels_last = false;  ///< memory format of `images`
  bool pinned = false;  ///< in page-locked memory, from which a GPU copies by itself; needs a CUDA device
};

/// Throws InputError where the batch size is not within 1 and the number of images; names both.
void require_batch_size(std::int64_t batch_size, const ImageSet& train);

/// Training batches without end: batch k is the same for any number of workers and any queue depth, and
/// follows from the seed alone (batch_order.hpp). Each epoch shuffles anew and drops its last, incomplete
/// batch. The threads use no OpenMP and none of ATen's parallelism.
class Loader {
 public:
  /// `set` must outlive the loader. Throws InputError for a batch size that is not within 1 and the number of
  /// images (both are named), for a number of workers that is not within 0 and 256 and for a queue depth
  /// below 1.
  Loader(const ImageSet& set, const LoaderOptions& options);
  ~Loader();                       ///< ends the threads, also while the queue is full
  Loader(const Loader&) = delete;  // owns threads
  Loader& operator=(const Loader&) = delete;

  /// The next batch, in tensors of its own that stay valid for as long as they are held. An exception from a
  /// worker thread is rethrown here.
  Batch next();

  std::int64_t batches_per_epoch() const { return batches_per_epoch_; }

 private:
  class Production;
  std::int64_t batches_per_epoch_;
  std::unique_ptr<Production> production_;
};

/// Images [begin, begin + count) of `set` in their order, without augmentation; `count` is cut at the end of
/// the set. Throws std::logic_error where `begin` is not inside the set.
Batch evaluation_batch(const ImageSet& set, std::size_t begin, std::size_t count, bool channels_last);

}  // namespace trainbench
