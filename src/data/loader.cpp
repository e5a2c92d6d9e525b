#include "src/data/loader.hpp"

#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "src/base/errors.hpp"
#include "src/data/batch_order.hpp"
#include "src/data/batch_writer.hpp"
#include "src/data/ordered_producer.hpp"

namespace trainbench {
namespace {

constexpr int kMaxWorkers = 256;

void check(const ImageSet& set, const LoaderOptions& options) {
  if (set.pixels.size() != set.size() * kImageBytes) {
    throw std::logic_error(
        fmt::format("An image set has {} pixel bytes for {} labels.", set.pixels.size(), set.size()));
  }
  require_batch_size(options.batch_size, set);
  if (options.workers < 0 || options.workers > kMaxWorkers) {
    throw InputError(fmt::format("The number of loader workers must be between 0 and {}, not {}.",
                                 kMaxWorkers, options.workers));
  }
  if (options.queue_depth < 1) {
    throw InputError(
        fmt::format("The depth of the loader's queue must be 1 or more, not {}.", options.queue_depth));
  }
}

struct BatchMemory {
  bool channels_last = false;
  bool pinned = false;
};

Batch write(const ImageSet& set, std::span<const std::uint32_t> indices,
            std::span<const Augmentation> augmentations, const BatchMemory& memory) {
  const auto count = static_cast<std::int64_t>(indices.size());
  const auto side = static_cast<std::int64_t>(kImageSide);
  Batch batch;
  // A fresh tensor each time: the consumer may still hold the last one.
  batch.images = at::empty({count, static_cast<std::int64_t>(kImageChannels), side, side},
                           at::TensorOptions()
                               .dtype(at::kFloat)
                               .pinned_memory(memory.pinned)
                               .memory_format(memory.channels_last ? at::MemoryFormat::ChannelsLast
                                                                   : at::MemoryFormat::Contiguous));
  batch.labels = at::empty({count}, at::TensorOptions().dtype(at::kLong).pinned_memory(memory.pinned));
  write_batch(set, indices, augmentations,
              {.images = batch.images.mutable_data_ptr<float>(),
               .labels = batch.labels.mutable_data_ptr<std::int64_t>(),
               .order = memory.channels_last ? MemoryOrder::nhwc : MemoryOrder::nchw});
  return batch;
}

}  // namespace

void require_batch_size(std::int64_t batch_size, const ImageSet& train) {
  if (batch_size < 1 || static_cast<std::uint64_t>(batch_size) > train.size()) {
    throw InputError(fmt::format(
        "The batch size must be between 1 and the number of training images: it is {}, and the set has "
        "{} images.",
        batch_size, train.size()));
  }
}

class Loader::Production {
 public:
  Production(const ImageSet& set, const LoaderOptions& options)
      : set_(set),
        options_(options),
        scratch_(static_cast<std::size_t>(std::max(1, options.workers))),
        batches_(options.workers, options.queue_depth, [this](int worker, std::int64_t k) {
          return make(scratch_[static_cast<std::size_t>(worker)], k);
        }) {}

  Batch next() { return batches_.next(); }

 private:
  // One per worker: shuffling 50,000 indices anew costs a thousandth of loading them, sharing would need a
  // lock.
  struct Scratch {
    std::int64_t epoch = -1;
    std::vector<std::uint32_t> order;
    std::vector<Augmentation> augmentations;
  };

  Batch make(Scratch& scratch, std::int64_t k) const {
    const auto num_images = static_cast<std::int64_t>(set_.size());
    const BatchPosition position = batch_position(k, num_batches_per_epoch(num_images, options_.batch_size));
    if (scratch.epoch != position.epoch) {
      scratch.order = epoch_order(options_.seed, position.epoch, static_cast<std::uint32_t>(num_images));
      scratch.epoch = position.epoch;
    }
    const auto size = static_cast<std::size_t>(options_.batch_size);
    const auto indices =
        std::span(scratch.order).subspan(static_cast<std::size_t>(position.batch) * size, size);
    scratch.augmentations.clear();
    if (options_.augment) {
      for (const std::uint32_t image : indices) {
        scratch.augmentations.push_back(augmentation_of(options_.seed, position.epoch, image));
      }
    }
    return write(set_, indices, scratch.augmentations,
                 {.channels_last = options_.channels_last, .pinned = options_.pinned});
  }

  const ImageSet& set_;
  LoaderOptions options_;
  std::vector<Scratch> scratch_;
  OrderedProducer<Batch> batches_;  // last: its threads use all of the above
};

Loader::Loader(const ImageSet& set, const LoaderOptions& options) {
  check(set, options);
  batches_per_epoch_ = num_batches_per_epoch(static_cast<std::int64_t>(set.size()), options.batch_size);
  production_ = std::make_unique<Production>(set, options);
}

Loader::~Loader() = default;

Batch Loader::next() {
  return production_->next();
}

Batch evaluation_batch(const ImageSet& set, std::size_t begin, std::size_t count, bool channels_last) {
  if (begin >= set.size()) {
    throw std::logic_error(fmt::format("Image {} was asked for in a set of {}.", begin, set.size()));
  }
  std::vector<std::uint32_t> indices(std::min(count, set.size() - begin));
  std::iota(indices.begin(), indices.end(), static_cast<std::uint32_t>(begin));
  return write(set, indices, {}, {.channels_last = channels_last});
}

}  // namespace trainbench
