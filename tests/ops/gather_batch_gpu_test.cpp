#include <ATen/ops/equal.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "src/gpu/graph.hpp"
#include "src/ops/gather_batch.hpp"
#include "tests/gpu/gpu_test.hpp"
#include "tests/ops/gather_case.hpp"

// What only a GPU can show: that the kernel gives what the CPU's function gives.

namespace trainbench {
namespace {

const at::Device kGpu(at::kCUDA, 0);

class GatherBatchOnGpu : public gpu::GpuTest {};

DeviceImages images_on_cpu() {
  const ImageSet set = make_synthetic(50, 10, 1).train;
  return on_cpu(set, every_window(set.size()));
}

DeviceImages on_gpu(const DeviceImages& set) {
  return {.pixels = set.pixels.to(kGpu), .labels = set.labels.to(kGpu), .picks = set.picks.to(kGpu)};
}

void expect_equal_batch(const GatheredBatch& on_device, const GatheredBatch& expected) {
  EXPECT_TRUE(at::equal(on_device.images.cpu(), expected.images));
  EXPECT_TRUE(at::equal(on_device.labels.cpu(), expected.labels));
}

TEST_F(GatherBatchOnGpu, GivesTheBitsOfTheCpuInEveryTypeAndLayout) {
  const DeviceImages host = images_on_cpu();
  const DeviceImages device = on_gpu(host);
  for (const at::ScalarType dtype : {at::kFloat, at::kHalf, at::kBFloat16}) {
    for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
      for (const std::int64_t rows : {1, 2, 54, 162}) {
        SCOPED_TRACE(testing::Message() << dtype << " " << format << " " << rows << " rows");
        GatheredBatch expected = room_for(rows, dtype, format);
        GatheredBatch actual = room_for(rows, dtype, format, kGpu);
        const at::Tensor cpu_cursor = cursor_at(100);
        const at::Tensor cursor = cursor_at(100, kGpu);
        for (int k = 0; k < 4; ++k) {
          gather_batch(host, cpu_cursor, expected.images, expected.labels);
          gather_batch(device, cursor, actual.images, actual.labels);
          expect_equal_batch(actual, expected);
        }
        EXPECT_EQ(cursor.item<std::int64_t>(), 104);
      }
    }
  }
}

TEST_F(GatherBatchOnGpu, CapturedSeveralTimesInAGraphItTakesOneBatchAfterTheOther) {
  constexpr std::int64_t kRows = 6;
  constexpr int kBodies = 4;
  const DeviceImages host = images_on_cpu();
  const DeviceImages device = on_gpu(host);
  const at::Tensor cursor = cursor_at(0, kGpu);
  GatheredBatch batch = room_for(kRows, at::kFloat, at::MemoryFormat::Contiguous, kGpu);
  std::vector<GatheredBatch> kept;
  for (int body = 0; body < kBodies; ++body) {
    kept.push_back(room_for(kRows, at::kFloat, at::MemoryFormat::Contiguous, kGpu));
  }
  const auto work = [&] {
    for (GatheredBatch& copy : kept) {
      gather_batch(device, cursor, batch.images, batch.labels);
      copy.images.copy_(batch.images);
      copy.labels.copy_(batch.labels);
    }
  };
  work();
  gpu::CapturedWork graph(work);
  const at::Tensor cpu_cursor = cursor_at(kBodies);
  GatheredBatch expected = room_for(kRows, at::kFloat, at::MemoryFormat::Contiguous);
  for (int launch = 0; launch < 20; ++launch) {
    graph.launch();
    gpu::synchronize();
    for (const GatheredBatch& copy : kept) {
      gather_batch(host, cpu_cursor, expected.images, expected.labels);
      expect_equal_batch(copy, expected);
    }
  }
  EXPECT_EQ(cursor.item<std::int64_t>(), 21 * kBodies);
}

TEST_F(GatherBatchOnGpu, RefusesImagesThatBeginBetweenTheKernelsStores) {
  const DeviceImages device = on_gpu(images_on_cpu());
  at::Tensor images = at::full({3 * 32 * 32 + 1}, 0.0, kGpu).narrow(0, 1, 3 * 32 * 32).view({1, 3, 32, 32});
  at::Tensor labels = cursor_at(0, kGpu);
  EXPECT_THROW(gather_batch(device, cursor_at(0, kGpu), images, labels), std::logic_error);
}

TEST_F(GatherBatchOnGpu, RefusesTensorsOfTwoDevices) {
  const DeviceImages device = on_gpu(images_on_cpu());
  GatheredBatch batch = room_for(2, at::kFloat, at::MemoryFormat::Contiguous, kGpu);
  EXPECT_THROW(gather_batch(device, cursor_at(0), batch.images, batch.labels), std::logic_error);
}

}  // namespace
}  // namespace trainbench
