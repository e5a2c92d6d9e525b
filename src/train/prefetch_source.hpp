#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

#include "src/train/batch_source.hpp"

namespace trainbench {

/// The two ends of a copy to a device: `start` begins it, `take` hands out what the last `start` began.
struct BatchCopier {
  std::function<void(const Batch&)> start;
  std::function<Batch()> take;
};

/// The batches of `host` on `device`, in the same order, by a gpu::CopyStream and one batch ahead: `next`
/// takes the batch whose copy was started by the call before, and starts the next one's before it returns, so
/// that it is copied while the current stream computes. Facts and test batches pass through. On a CPU device
/// it is `host` itself.
///
/// The copies are cheapest where the loader writes into pinned memory itself (LoaderOptions::pinned): other
/// batches are copied once more, by the thread that calls `next`.
BatchSource prefetch_source(BatchSource host, at::Device device);

/// The same through any copier.
BatchSource prefetch_through(BatchSource host, BatchCopier copier);

}  // namespace trainbench
