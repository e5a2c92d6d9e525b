#include "src/ops/gather_batch.hpp"

#include <fmt/format.h>

#include <array>
#include <stdexcept>
#include <string>

#include "src/ops/gather_batch_cuda.hpp"
#include "src/ops/gather_element.hpp"

namespace trainbench {
namespace {

using gather::Layout;

std::string describe(const at::Tensor& tensor) {
  if (!tensor.defined()) return "an undefined tensor";
  return fmt::format("{} {} with strides {} on {}", c10::toString(tensor.scalar_type()),
                     c10::str(tensor.sizes()), c10::str(tensor.strides()), tensor.device().str());
}

void require(bool fits, std::string_view name, std::string_view wanted, const at::Tensor& tensor) {
  if (fits) return;
  throw std::logic_error(fmt::format("gather_batch takes {} as {}, not {}.", name, wanted, describe(tensor)));
}

bool is_vector(const at::Tensor& tensor, at::ScalarType dtype) {
  return tensor.defined() && tensor.scalar_type() == dtype && tensor.dim() == 1 && tensor.is_contiguous();
}

bool holds_images(const at::Tensor& tensor) {
  return tensor.defined() && tensor.dim() == 4 && tensor.size(0) > 0 && tensor.size(1) == gather::kChannels &&
         tensor.size(2) == gather::kSide && tensor.size(3) == gather::kSide;
}

void require_same_device(const at::Tensor& pixels, std::string_view name, const at::Tensor& tensor) {
  if (tensor.device() == pixels.device()) return;
  throw std::logic_error(
      fmt::format("gather_batch takes all tensors on one device: the pixels are on {}, {} on {}.",
                  pixels.device().str(), name, tensor.device().str()));
}

void require_set(const DeviceImages& set) {
  require(holds_images(set.pixels) && set.pixels.size(0) <= gather::kMaxImages &&
              set.pixels.scalar_type() == at::kByte && set.pixels.is_contiguous(),
          "the pixels", fmt::format("contiguous uint8 [1..{}, 3, 32, 32]", gather::kMaxImages), set.pixels);
  const std::int64_t num_images = set.pixels.size(0);
  require(is_vector(set.labels, at::kLong) && set.labels.size(0) == num_images, "the set's labels",
          fmt::format("contiguous int64 [{}]", num_images), set.labels);
  require(is_vector(set.picks, at::kInt), "the picks", "contiguous int32 [slots * batch]", set.picks);
}

void require_batch(const DeviceImages& set, const at::Tensor& cursor, const at::Tensor& images,
                   const at::Tensor& labels) {
  require(is_vector(cursor, at::kLong) && cursor.size(0) == 1, "the cursor", "int64 [1]", cursor);
  require(holds_images(images), "the batch's images", "[N, 3, 32, 32]", images);
  const at::ScalarType dtype = images.scalar_type();
  require(dtype == at::kFloat || dtype == at::kHalf || dtype == at::kBFloat16, "the batch's images",
          "float32, float16 or bfloat16", images);
  require(images.is_contiguous() || images.is_contiguous(at::MemoryFormat::ChannelsLast),
          "the batch's images", "contiguous or channels_last", images);
  const std::int64_t batch = images.size(0);
  require(is_vector(labels, at::kLong) && labels.size(0) == batch, "the batch's labels",
          fmt::format("contiguous int64 [{}]", batch), labels);
  require(set.picks.numel() > 0 && set.picks.numel() % batch == 0, "the picks",
          fmt::format("one or more batches of {}", batch), set.picks);
  require_same_device(set.pixels, "the set's labels", set.labels);
  require_same_device(set.pixels, "the picks", set.picks);
  require_same_device(set.pixels, "the cursor", cursor);
  require_same_device(set.pixels, "the batch's images", images);
  require_same_device(set.pixels, "the batch's labels", labels);
}

using ChannelTable = std::array<float, 256>;

std::array<ChannelTable, gather::kChannels> make_tables() {
  std::array<ChannelTable, gather::kChannels> tables{};
  for (int channel = 0; channel < gather::kChannels; ++channel) {
    for (std::size_t byte = 0; byte < tables[0].size(); ++byte) {
      tables[static_cast<std::size_t>(channel)][byte] =
          gather::normalised(static_cast<std::uint8_t>(byte), channel);
    }
  }
  return tables;
}

template <class Value, Layout kLayout>
void write_image(const std::uint8_t* pixels, const gather::Pick& pick, Value* out) {
  static const std::array<ChannelTable, gather::kChannels> tables = make_tables();
  for (int element = 0; element < gather::kImage; ++element) {
    const gather::Place place = gather::place_of<kLayout>(element);
    const std::uint8_t byte = gather::byte_at(pixels, pick, place);
    out[element] = static_cast<Value>(tables[static_cast<std::size_t>(place.channel)][byte]);
  }
}

gather::Pick checked_pick(std::int32_t packed_pick, std::int64_t num_images) {
  const gather::Pick pick = gather::unpacked(packed_pick);
  if (pick.image < 0 || pick.image >= num_images || pick.dy >= gather::kOffsets) {
    throw std::logic_error(fmt::format("A pick names image {}, window {} + 9 * {} of a set of {} images.",
                                       pick.image, pick.dx, pick.dy, num_images));
  }
  return pick;
}

template <class Value>
void gather_on_cpu(const DeviceImages& set, const at::Tensor& cursor, at::Tensor& images,
                   at::Tensor& labels) {
  const std::int64_t batch = images.size(0);
  auto& position = *cursor.mutable_data_ptr<std::int64_t>();
  const std::int64_t slot = position % (set.picks.numel() / batch);
  const std::int32_t* picks = set.picks.const_data_ptr<std::int32_t>() + slot * batch;
  const auto* pixels = set.pixels.const_data_ptr<std::uint8_t>();
  const auto* set_labels = set.labels.const_data_ptr<std::int64_t>();
  auto* out = images.mutable_data_ptr<Value>();
  auto* out_labels = labels.mutable_data_ptr<std::int64_t>();
  const bool contiguous = images.is_contiguous();
  for (std::int64_t row = 0; row < batch; ++row) {
    const gather::Pick pick = checked_pick(picks[row], set.pixels.size(0));
    const std::uint8_t* image = pixels + std::int64_t{pick.image} * gather::kImage;
    if (contiguous) {
      write_image<Value, Layout::contiguous>(image, pick, out + row * gather::kImage);
    } else {
      write_image<Value, Layout::channels_last>(image, pick, out + row * gather::kImage);
    }
    out_labels[row] = set_labels[pick.image];
  }
  ++position;
}

}  // namespace

void gather_batch(const DeviceImages& set, const at::Tensor& cursor, at::Tensor& images, at::Tensor& labels) {
  require_set(set);
  require_batch(set, cursor, images, labels);
  if (images.is_cuda()) return gather_batch_on_gpu(set, cursor, images, labels);
  switch (images.scalar_type()) {
    case at::kHalf:
      return gather_on_cpu<at::Half>(set, cursor, images, labels);
    case at::kBFloat16:
      return gather_on_cpu<at::BFloat16>(set, cursor, images, labels);
    default:
      return gather_on_cpu<float>(set, cursor, images, labels);
  }
}

}  // namespace trainbench
