#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace trainbench {

/// A training set and its order on one device.
struct DeviceImages {
  at::Tensor pixels;  ///< uint8 [n, 3, 32, 32]
  at::Tensor labels;  ///< int64 [n]
  /// int32 [slots * batch]: packed picks in the order of training, `image << 8 | window << 1 | flip` with
  /// window = 9 * dy + dx in 0..80; 4 + 9 * 4 = 40 and flip 0 is the image itself. So at most 2^23 images.
  at::Tensor picks;
};

/// Writes the batch that `cursor` names, cropped with zero padding of 4, flipped and normalised as
/// write_batch (src/data/batch_writer.hpp) does, and moves the cursor on: batch b = cursor mod (picks / N) is
/// picks[b * N, (b + 1) * N). Nothing is read by the host, so the call can be captured in a CUDA graph.
///
/// `images` [N, 3, 32, 32], contiguous or channels_last; float32, float16 or bfloat16 (rounded to the nearest
/// from float32). `labels` int64 [N]. `cursor` int64 [1], at least 0. All on the device of `set.pixels`; on
/// the CPU by a loop of this thread, on a GPU by one kernel of ours on the current stream, and a second that
/// moves the cursor. float32 has the same bits on both.
///
/// Throws std::logic_error where shapes, dtypes or devices do not fit, and on a GPU where `images` does not
/// begin at a multiple of 16 bytes. A pick that is not of the set is std::logic_error on the CPU; on a GPU,
/// where nobody looks, it is undefined.
void gather_batch(const DeviceImages& set, const at::Tensor& cursor, at::Tensor& images, at::Tensor& labels);

}  // namespace trainbench
