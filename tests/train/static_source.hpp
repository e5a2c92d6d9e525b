#pragma once

#include <ATen/ops/empty_like.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include <functional>
#include <utility>
#include <vector>

#include "src/train/batch_source.hpp"

namespace trainbench {

/// The first `batches` batches of `host`, kept on `device` and handed out in a circle: `next` always returns
/// the same two tensors, how often it has run stands on the device, and nothing is read by the host.
inline BatchSource static_source(
    const BatchSource& host, std::int64_t batches, at::Device device,
    std::function<void(std::int64_t, std::int64_t)> prepare = [](auto, auto) {}) {
  std::vector<at::Tensor> images;
  std::vector<at::Tensor> labels;
  for (std::int64_t i = 0; i < batches; ++i) {
    const Batch batch = host.next();
    images.push_back(batch.images);
    labels.push_back(batch.labels);
  }
  BatchSource source = host;
  const at::Tensor all_images = at::stack(images).to(device);
  const at::Tensor all_labels = at::stack(labels).to(device);
  const at::Tensor cursor = at::zeros({1}, at::TensorOptions(at::kLong).device(device));
  const Batch batch{.images = at::empty_like(all_images[0]), .labels = at::empty_like(all_labels[0])};
  source.next = [=] {
    const at::Tensor row = cursor.remainder(batches);
    batch.images.copy_(all_images.index_select(0, row).squeeze(0));
    batch.labels.copy_(all_labels.index_select(0, row).squeeze(0));
    cursor.add_(1);
    return batch;
  };
  source.prepare = std::move(prepare);
  return source;
}

}  // namespace trainbench
