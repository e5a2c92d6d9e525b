#include "src/train/device_source.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "src/base/errors.hpp"
#include "src/data/batch_order.hpp"
#include "src/ops/gather_batch.hpp"
#include "src/ops/gather_element.hpp"

namespace trainbench {
namespace {

constexpr std::int64_t kEpochsInRing = 2;

template <class Value, class Source>
at::Tensor uploaded(const std::vector<Source>& values, at::IntArrayRef sizes, at::ScalarType dtype,
                    at::Device device) {
  const at::Tensor host = at::empty(sizes, dtype);
  if (std::ssize(values) != host.numel()) {
    throw std::logic_error(
        fmt::format("An image set has {} values where {} are due.", values.size(), host.numel()));
  }
  std::copy(values.begin(), values.end(), host.mutable_data_ptr<Value>());
  return host.to(device);
}

/// The images and labels of `set`; no picks yet.
DeviceImages images_on(const ImageSet& set, at::Device device) {
  const auto count = static_cast<std::int64_t>(set.size());
  const auto side = static_cast<std::int64_t>(kImageSide);
  return {.pixels = uploaded<std::uint8_t>(
              set.pixels, {count, static_cast<std::int64_t>(kImageChannels), side, side}, at::kByte, device),
          .labels = uploaded<std::int64_t>(set.labels, {count}, at::kLong, device)};
}

std::int32_t pick_of(std::uint32_t image, const Augmentation& augmentation = {}) {
  return gather::packed(
      {static_cast<std::int32_t>(image), augmentation.dx, augmentation.dy, augmentation.flip});
}

/// Every image of a set as it is, in its order.
at::Tensor plain_picks(std::size_t num_images, at::Device device) {
  std::vector<std::int32_t> picks(num_images);
  for (std::size_t i = 0; i < num_images; ++i) picks[i] = pick_of(static_cast<std::uint32_t>(i));
  return uploaded<std::int32_t>(picks, {static_cast<std::int64_t>(num_images)}, at::kInt, device);
}

class DeviceFeed {
 public:
  DeviceFeed(const Dataset& dataset, const DeviceSourceOptions& options, at::Device device)
      : options_(options),
        device_(device),
        train_(images_on(dataset.train, device)),
        test_(images_on(dataset.test, device)),
        num_train_images_(static_cast<std::uint32_t>(dataset.train.size())),
        batches_per_epoch_(num_batches_per_epoch(num_train_images_, options.batch_size)),
        batch_(empty_batch(options.batch_size)),
        cursor_(at::zeros({1}, integers(at::kLong))),
        test_cursor_(at::zeros({1}, integers(at::kLong))) {
    train_.picks = at::empty({kEpochsInRing * picks_per_epoch()}, integers(at::kInt));
    test_.picks = plain_picks(dataset.test.size(), device);
  }

  std::int64_t batches_per_epoch() const { return batches_per_epoch_; }

  void prepare(std::int64_t first, std::int64_t steps) {
    check_steps(first, steps);
    first_ = first;
    const std::int64_t epoch = batch_position(first, batches_per_epoch_).epoch;
    for (next_epoch_ = std::max(next_epoch_, epoch); next_epoch_ < epoch + kEpochsInRing; ++next_epoch_) {
      upload(next_epoch_);
    }
  }

  Batch next() {
    if (next_epoch_ == 0) throw std::logic_error("A batch was asked for before the first prepare.");
    gather_batch(train_, cursor_, batch_.images, batch_.labels);
    return batch_;
  }

  Batch test_batch(std::int64_t begin, std::int64_t count) const {
    const std::int64_t num_images = test_.labels.size(0);
    if (begin < 0 || begin >= num_images || count < 1) {
      throw std::logic_error(
          fmt::format("{} images from {} on were asked for in a set of {}.", count, begin, num_images));
    }
    const std::int64_t rows = std::min(count, num_images - begin);
    Batch batch = empty_batch(rows);
    // One batch in the ring: wherever the cursor stands, it is that one.
    DeviceImages set = test_;
    set.picks = test_.picks.narrow(0, begin, rows);
    gather_batch(set, test_cursor_, batch.images, batch.labels);
    return batch;
  }

 private:
  at::TensorOptions integers(at::ScalarType dtype) const {
    return at::TensorOptions().dtype(dtype).device(device_);
  }

  Batch empty_batch(std::int64_t rows) const {
    const auto side = static_cast<std::int64_t>(kImageSide);
    const auto format =
        options_.channels_last ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
    return {
        .images = at::empty({rows, static_cast<std::int64_t>(kImageChannels), side, side},
                            at::TensorOptions().dtype(options_.dtype).device(device_).memory_format(format)),
        .labels = at::empty({rows}, integers(at::kLong))};
  }

  std::int64_t picks_per_epoch() const { return batches_per_epoch_ * options_.batch_size; }

  void check_steps(std::int64_t first, std::int64_t steps) const {
    if (steps < 1 || first < first_) {
      throw std::logic_error(
          fmt::format("{} steps from {} on were to be prepared after step {}.", steps, first, first_));
    }
    if (steps > batches_per_epoch_) {
      throw InputError(fmt::format(
          "{} steps at once are more than an epoch, which has {} batches of {} images: take fewer steps per "
          "launch, a smaller batch or a larger set.",
          steps, batches_per_epoch_, options_.batch_size));
    }
  }

  void upload(std::int64_t epoch) {
    // A fresh one each time: the last may still be on its way. LibTorch's host allocator gives pinned memory
    // out again when its copy is done.
    const at::Tensor host =
        at::empty({picks_per_epoch()}, at::TensorOptions().dtype(at::kInt).pinned_memory(device_.is_cuda()));
    write_picks(epoch, host.mutable_data_ptr<std::int32_t>());
    train_.picks.narrow(0, epoch % kEpochsInRing * picks_per_epoch(), picks_per_epoch())
        .copy_(host, /*non_blocking=*/true);
  }

  void write_picks(std::int64_t epoch, std::int32_t* out) const {
    const std::vector<std::uint32_t> order = epoch_order(options_.seed, epoch, num_train_images_);
    std::transform(order.begin(), order.begin() + picks_per_epoch(), out, [&](std::uint32_t image) {
      return options_.augment ? pick_of(image, augmentation_of(options_.seed, epoch, image)) : pick_of(image);
    });
  }

  DeviceSourceOptions options_;
  at::Device device_;
  DeviceImages train_;
  DeviceImages test_;
  std::uint32_t num_train_images_;
  std::int64_t batches_per_epoch_;
  Batch batch_;
  at::Tensor cursor_;
  at::Tensor test_cursor_;
  std::int64_t next_epoch_ = 0;  // the first whose picks were never in the ring
  std::int64_t first_ = 0;       // of the last prepare
};

}  // namespace

BatchSource device_source(const Dataset& dataset, const DeviceSourceOptions& options, at::Device device) {
  require_batch_size(options.batch_size, dataset.train);
  const auto feed = std::make_shared<DeviceFeed>(dataset, options, device);
  return {
      .next = [feed] { return feed->next(); },
      .prepare = [feed](std::int64_t first, std::int64_t steps) { feed->prepare(first, steps); },
      .test_batch = [feed](std::int64_t begin, std::int64_t count) { return feed->test_batch(begin, count); },
      .batch_size = options.batch_size,
      .batches_per_epoch = feed->batches_per_epoch(),
      .test_images = static_cast<std::int64_t>(dataset.test.size()),
      .facts = data_facts(dataset, options.augment)};
}

}  // namespace trainbench
