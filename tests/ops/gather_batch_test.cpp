#include "src/ops/gather_batch.hpp"

#include <ATen/ops/equal.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>

#include "tests/ops/gather_case.hpp"

namespace trainbench {
namespace {

constexpr auto kContiguous = at::MemoryFormat::Contiguous;
constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;

const ImageSet& images() {
  static const ImageSet set = make_synthetic(50, 10, 1).train;
  return set;
}

/// What write_batch makes of the same choice.
GatheredBatch written(const Chosen& chosen, at::MemoryFormat format) {
  GatheredBatch batch = room_for(std::ssize(chosen.images), at::kFloat, format);
  write_batch(images(), chosen.images, chosen.augmentations,
              {.images = batch.images.mutable_data_ptr<float>(),
               .labels = batch.labels.mutable_data_ptr<std::int64_t>(),
               .order = format == kContiguous ? MemoryOrder::nchw : MemoryOrder::nhwc});
  return batch;
}

GatheredBatch gathered(const Chosen& chosen, at::ScalarType dtype, at::MemoryFormat format) {
  GatheredBatch batch = room_for(std::ssize(chosen.images), dtype, format);
  gather_batch(on_cpu(images(), chosen), cursor_at(0), batch.images, batch.labels);
  return batch;
}

bool same_bytes(const at::Tensor& a, const at::Tensor& b) {
  return a.nbytes() == b.nbytes() && std::memcmp(a.const_data_ptr(), b.const_data_ptr(), a.nbytes()) == 0;
}

TEST(GatherBatch, GivesTheBytesOfTheHostsBatchForEveryWindowAndFlipInBothLayouts) {
  const Chosen chosen = every_window(images().size());
  for (const at::MemoryFormat format : {kContiguous, kChannelsLast}) {
    const GatheredBatch expected = written(chosen, format);
    const GatheredBatch actual = gathered(chosen, at::kFloat, format);
    EXPECT_TRUE(same_bytes(actual.images, expected.images)) << format;
    EXPECT_TRUE(at::equal(actual.labels, expected.labels)) << format;
  }
}

TEST(GatherBatch, NormalisesEveryByteAsTheHostDoes) {
  for (int channel = 0; channel < gather::kChannels; ++channel) {
    for (int byte = 0; byte < 256; ++byte) {
      const auto value = static_cast<std::uint8_t>(byte);
      ASSERT_EQ(gather::normalised(value, channel), normalised(value, static_cast<std::size_t>(channel)));
    }
  }
}

TEST(GatherBatch, RoundsTheFloatsToTheHalfTypes) {
  const Chosen chosen = every_window(images().size());
  for (const at::MemoryFormat format : {kContiguous, kChannelsLast}) {
    const at::Tensor expected = written(chosen, format).images;
    for (const at::ScalarType dtype : {at::kHalf, at::kBFloat16}) {
      EXPECT_TRUE(same_bytes(gathered(chosen, dtype, format).images, expected.to(dtype))) << dtype;
    }
  }
}

TEST(GatherBatch, MovesTheCursorOnAndBeginsAgainAfterTheLastPicks) {
  const DeviceImages set =
      on_cpu(images(), {.images = {0, 1, 2, 3, 4, 5}, .augmentations = std::vector<Augmentation>(6)});
  const at::Tensor cursor = cursor_at(0);
  GatheredBatch batch = room_for(2, at::kFloat, kContiguous);
  for (std::int64_t k = 0; k < 7; ++k) {
    gather_batch(set, cursor, batch.images, batch.labels);
    EXPECT_EQ(cursor.item<std::int64_t>(), k + 1);
    const std::int64_t first = k % 3 * 2;  // the synthetic set's image i is of class i mod 10
    EXPECT_EQ(batch.labels[0].item<std::int64_t>(), first);
    EXPECT_EQ(batch.labels[1].item<std::int64_t>(), first + 1);
  }
}

TEST(GatherBatch, TakesTheBatchAtTheCursorHoweverFarItIs) {
  const DeviceImages set =
      on_cpu(images(), {.images = {5, 6, 7}, .augmentations = std::vector<Augmentation>(3)});
  GatheredBatch batch = room_for(1, at::kFloat, kContiguous);
  gather_batch(set, cursor_at(3'000'000'000'001), batch.images, batch.labels);
  EXPECT_EQ(batch.labels.item<std::int64_t>(), 6);
}

TEST(Pick, KeepsItsPartsInThirtyTwoBits) {
  for (const std::int32_t image : {0, 1, 49'999, static_cast<std::int32_t>(gather::kMaxImages - 1)}) {
    for (std::int32_t window = 0; window < 81; ++window) {
      for (const bool flip : {false, true}) {
        const std::int32_t packed = gather::packed({image, window % 9, window / 9, flip});
        const gather::Pick pick = gather::unpacked(packed);
        ASSERT_EQ(packed, image << 8 | window << 1 | (flip ? 1 : 0));
        ASSERT_EQ(pick.image, image);
        ASSERT_EQ(9 * pick.dy + pick.dx, window);
        ASSERT_EQ(pick.flip, flip);
      }
    }
  }
}

TEST(GatherBatch, RefusesAPickThatIsNotOfTheSet) {
  GatheredBatch batch = room_for(1, at::kFloat, kContiguous);
  DeviceImages set = on_cpu(images(), {.images = {0}, .augmentations = {{}}});
  for (const std::int32_t wrong :
       {gather::packed({50, 4, 4, false}), gather::packed({0, 0, 9, false}), -256}) {
    set.picks.fill_(wrong);
    EXPECT_THROW(gather_batch(set, cursor_at(0), batch.images, batch.labels), std::logic_error) << wrong;
  }
}

struct Call {
  DeviceImages set =
      on_cpu(images(), {.images = {0, 1, 2, 3}, .augmentations = std::vector<Augmentation>(4)});
  at::Tensor cursor = cursor_at(0);
  GatheredBatch batch = room_for(2, at::kFloat, kContiguous);
};

std::string refusal(const std::function<void(Call&)>& spoil) {
  Call call;
  spoil(call);
  try {
    gather_batch(call.set, call.cursor, call.batch.images, call.batch.labels);
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return "(no refusal)";
}

TEST(GatherBatch, AcceptsTheCallThatTheRefusalsSpoil) {
  EXPECT_EQ(refusal([](Call&) {}), "(no refusal)");
}

TEST(GatherBatch, RefusesASetOfAnotherShapeOrType) {
  using testing::HasSubstr;
  EXPECT_THAT(refusal([](Call& call) { call.set.pixels = at::Tensor(); }),
              HasSubstr("the pixels as contiguous uint8 [1..8388608, 3, 32, 32], not an undefined tensor"));
  EXPECT_THAT(refusal([](Call& call) { call.set.pixels = call.set.pixels.to(at::kInt); }),
              HasSubstr("not Int [50, 3, 32, 32] with strides [3072, 1024, 32, 1] on cpu"));
  EXPECT_THAT(refusal([](Call& call) { call.set.pixels = call.set.pixels.contiguous(kChannelsLast); }),
              HasSubstr("not Byte [50, 3, 32, 32] with strides [3072, 1, 96, 3]"));
  EXPECT_THAT(refusal([](Call& call) { call.set.pixels = call.set.pixels.narrow(2, 0, 31).contiguous(); }),
              HasSubstr("not Byte [50, 3, 31, 32]"));
  EXPECT_THAT(refusal([](Call& call) {
                call.set.pixels = call.set.pixels.narrow(0, 0, 1).expand({(1 << 23) + 1, 3, 32, 32});
              }),
              HasSubstr("not Byte [8388609, 3, 32, 32]"));
  EXPECT_THAT(refusal([](Call& call) { call.set.labels = call.set.labels.to(at::kInt); }),
              HasSubstr("the set's labels as contiguous int64 [50], not Int [50]"));
  EXPECT_THAT(refusal([](Call& call) { call.set.labels = call.set.labels.narrow(0, 0, 49); }),
              HasSubstr("the set's labels as contiguous int64 [50], not Long [49]"));
  EXPECT_THAT(refusal([](Call& call) { call.set.picks = call.set.picks.to(at::kLong); }),
              HasSubstr("the picks as contiguous int32 [slots * batch], not Long [4]"));
  EXPECT_THAT(refusal([](Call& call) { call.set.picks = call.set.picks.narrow(0, 0, 3); }),
              HasSubstr("the picks as one or more batches of 2, not Int [3]"));
  EXPECT_THAT(refusal([](Call& call) { call.set.picks = call.set.picks.narrow(0, 0, 0); }),
              HasSubstr("the picks as one or more batches of 2, not Int [0]"));
}

TEST(GatherBatch, RefusesABatchOrACursorOfAnotherShapeOrType) {
  using testing::HasSubstr;
  EXPECT_THAT(refusal([](Call& call) { call.cursor = call.cursor.to(at::kInt); }),
              HasSubstr("the cursor as int64 [1], not Int [1]"));
  EXPECT_THAT(refusal([](Call& call) { call.cursor = call.cursor.squeeze(); }),
              HasSubstr("the cursor as int64 [1], not Long []"));
  EXPECT_THAT(refusal([](Call& call) { call.batch.images = call.batch.images.to(at::kDouble); }),
              HasSubstr("the batch's images as float32, float16 or bfloat16, not Double [2, 3, 32, 32]"));
  EXPECT_THAT(refusal([](Call& call) {
                call.batch.images = call.batch.images.view({2, 3, 1024});
              }),
              HasSubstr("the batch's images as [N, 3, 32, 32], not Float [2, 3, 1024]"));
  EXPECT_THAT(refusal([](Call& call) { call.batch.images = call.batch.images.narrow(0, 0, 0); }),
              HasSubstr("the batch's images as [N, 3, 32, 32], not Float [0, 3, 32, 32]"));
  EXPECT_THAT(refusal([](Call& call) { call.batch.images = call.batch.images.transpose(2, 3); }),
              HasSubstr("the batch's images as contiguous or channels_last, not Float [2, 3, 32, 32]"));
  EXPECT_THAT(refusal([](Call& call) { call.batch.labels = call.batch.labels.to(at::kInt); }),
              HasSubstr("the batch's labels as contiguous int64 [2], not Int [2]"));
  EXPECT_THAT(refusal([](Call& call) { call.batch.labels = call.batch.labels.narrow(0, 0, 1); }),
              HasSubstr("the batch's labels as contiguous int64 [2], not Long [1]"));
  EXPECT_THAT(refusal([](Call& call) { call.cursor = call.cursor.to(at::kMeta); }),
              HasSubstr("all tensors on one device: the pixels are on cpu, the cursor on meta."));
}

}  // namespace
}  // namespace trainbench
