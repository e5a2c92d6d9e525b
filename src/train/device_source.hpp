#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "src/train/batch_source.hpp"

namespace trainbench {

struct DeviceSourceOptions {
  std::int64_t batch_size = 128;
  std::uint64_t seed = 1;
  bool augment = true;                ///< random crop with padding 4 and horizontal flip
  bool channels_last = false;         ///< memory format of the images
  at::ScalarType dtype = at::kFloat;  ///< of the images: float32, float16 or bfloat16
};

/// Batches made on `device` from the whole set, which lies there as bytes: the same images in the same order
/// as those of a Loader with the same seed, bit for bit in float32. `next` always returns the same two
/// tensors, overwritten by each call; it is one gather_batch and may be captured. Test batches are normalised
/// on the device too, into tensors of their own.
///
/// Which images a batch holds is drawn on the host, an epoch at a time, and stands on the device in a ring of
/// two epochs. `prepare(first, steps)` sees to it that the epoch of `first` and the one after it are there:
///
/// - `steps` is at most an epoch, so that [first, first + steps) lies within the two;
/// - `first` never goes back, and the steps before it were handed to the current stream: the upload that
///   overwrites the epoch before comes after them on that stream;
/// - an upload is from pinned memory of its own and is not waited for.
///
/// `dataset` is not needed any more when this returns. The stream of batches is endless. `next` before the
/// first `prepare` is a std::logic_error; without a prepare for its steps it would repeat old picks, which it
/// cannot see.
///
/// Throws InputError for a batch size that is not within 1 and the number of training images, and from
/// `prepare` for more steps than an epoch has; std::logic_error from `prepare` where `first` goes back or
/// `steps` is below 1.
BatchSource device_source(const Dataset& dataset, const DeviceSourceOptions& options, at::Device device);

}  // namespace trainbench
