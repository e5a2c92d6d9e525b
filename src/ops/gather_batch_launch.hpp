#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "src/ops/gather_element.hpp"

namespace trainbench::gather {

enum class Element { float32, float16, bfloat16 };

/// What the kernels read and write, all on the device.
struct Arguments {
  const std::uint8_t* pixels;
  const std::int64_t* labels;
  const std::int32_t* picks;
  std::int64_t slots;  // batches in `picks`
  std::int64_t batch;  // images in a batch, at most kMaxBatch
  std::int64_t* cursor;
  void* images;  // aligned to kAlignment bytes
  std::int64_t* batch_labels;
};

inline constexpr std::int64_t kMaxBatch = std::int64_t{1} << 29;  // blocks in a grid: below 2^31
inline constexpr std::size_t kAlignment = 16;

/// Launches, on `stream`, the kernel that writes the batch at `*cursor` and then the one that adds 1 to it.
/// Returns what the launches answered.
cudaError_t launch(const Arguments& arguments, Element element, Layout layout, cudaStream_t stream) noexcept;

}  // namespace trainbench::gather
