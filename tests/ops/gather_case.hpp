#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "src/data/batch_writer.hpp"
#include "src/data/dataset.hpp"
#include "src/ops/gather_batch.hpp"
#include "src/ops/gather_element.hpp"

namespace trainbench {

struct Chosen {
  std::vector<std::uint32_t> images;
  std::vector<Augmentation> augmentations;
};

/// Every window with and without a flip, of images in a mixed order.
inline Chosen every_window(std::size_t num_images) {
  Chosen chosen;
  for (std::int32_t window = 0; window < 81; ++window) {
    for (const bool flip : {false, true}) {
      chosen.images.push_back(static_cast<std::uint32_t>(chosen.images.size() * 7 % num_images));
      chosen.augmentations.push_back({.dx = window % 9, .dy = window / 9, .flip = flip});
    }
  }
  return chosen;
}

template <class Value>
at::Tensor tensor_of(const std::vector<Value>& values, at::ScalarType dtype) {
  const at::Tensor tensor = at::empty({static_cast<std::int64_t>(values.size())}, dtype);
  std::copy(values.begin(), values.end(), tensor.mutable_data_ptr<Value>());
  return tensor;
}

inline at::Tensor picks_of(const Chosen& chosen) {
  std::vector<std::int32_t> picks;
  for (std::size_t i = 0; i < chosen.images.size(); ++i) {
    const Augmentation& a = chosen.augmentations[i];
    picks.push_back(gather::packed({static_cast<std::int32_t>(chosen.images[i]), a.dx, a.dy, a.flip}));
  }
  return tensor_of(picks, at::kInt);
}

inline DeviceImages on_cpu(const ImageSet& set, const Chosen& chosen) {
  return {.pixels = tensor_of(set.pixels, at::kByte).view({-1, 3, 32, 32}),
          .labels = tensor_of(std::vector<std::int64_t>(set.labels.begin(), set.labels.end()), at::kLong),
          .picks = picks_of(chosen)};
}

struct GatheredBatch {
  at::Tensor images;
  at::Tensor labels;
};

/// Room for a batch, filled with what no batch holds.
inline GatheredBatch room_for(std::int64_t rows, at::ScalarType dtype, at::MemoryFormat format,
                              at::Device device = at::kCPU) {
  return {
      .images = at::full({rows, 3, 32, 32}, -100, at::TensorOptions(dtype).device(device)).contiguous(format),
      .labels = at::full({rows}, -100, at::TensorOptions(at::kLong).device(device))};
}

inline at::Tensor cursor_at(std::int64_t batch, at::Device device = at::kCPU) {
  return at::full({1}, batch, at::TensorOptions(at::kLong).device(device));
}

}  // namespace trainbench
