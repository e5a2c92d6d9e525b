#pragma once

#include "src/ops/gather_batch.hpp"

namespace trainbench {

/// gather_batch for tensors on a GPU whose shapes and dtypes were checked, on the current stream.
/// Throws std::logic_error where `images` is not aligned for the kernel's stores, EnvironmentError where the
/// program was built without CUDA.
void gather_batch_on_gpu(const DeviceImages& set, const at::Tensor& cursor, at::Tensor& images,
                         at::Tensor& labels);

}  // namespace trainbench
