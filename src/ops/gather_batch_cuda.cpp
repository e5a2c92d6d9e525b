#include "src/ops/gather_batch_cuda.hpp"

#include <ATen/record_function.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <fmt/format.h>

#include <stdexcept>

#include "src/ops/gather_batch_launch.hpp"

namespace trainbench {
namespace {

gather::Element element_of(at::ScalarType dtype) {
  if (dtype == at::kHalf) return gather::Element::float16;
  if (dtype == at::kBFloat16) return gather::Element::bfloat16;
  return gather::Element::float32;
}

void require_launchable(const at::Tensor& images) {
  if (images.size(0) > gather::kMaxBatch) {
    throw std::logic_error(fmt::format("gather_batch writes at most {} images at once on a GPU, not {}.",
                                       gather::kMaxBatch, images.size(0)));
  }
  if (reinterpret_cast<std::uintptr_t>(images.const_data_ptr()) % gather::kAlignment != 0) {
    throw std::logic_error(fmt::format(
        "gather_batch writes images that begin at a multiple of {} bytes on a GPU, not {} elements into a "
        "storage.",
        gather::kAlignment, images.storage_offset()));
  }
}

}  // namespace

void gather_batch_on_gpu(const DeviceImages& set, const at::Tensor& cursor, at::Tensor& images,
                         at::Tensor& labels) {
  require_launchable(images);
  // No operator of LibTorch's: without this a profile could not say whose kernels these are.
  RECORD_FUNCTION("trainbench::gather_batch", c10::ArrayRef<const c10::IValue>{});
  const c10::cuda::CUDAGuard device_guard(images.device());
  const gather::Arguments arguments{.pixels = set.pixels.const_data_ptr<std::uint8_t>(),
                                    .labels = set.labels.const_data_ptr<std::int64_t>(),
                                    .picks = set.picks.const_data_ptr<std::int32_t>(),
                                    .slots = set.picks.numel() / images.size(0),
                                    .batch = images.size(0),
                                    .cursor = cursor.mutable_data_ptr<std::int64_t>(),
                                    .images = images.mutable_data_ptr(),
                                    .batch_labels = labels.mutable_data_ptr<std::int64_t>()};
  const auto layout = images.is_contiguous() ? gather::Layout::contiguous : gather::Layout::channels_last;
  C10_CUDA_CHECK(gather::launch(arguments, element_of(images.scalar_type()), layout,
                                c10::cuda::getCurrentCUDAStream(images.device().index())));
}

}  // namespace trainbench
