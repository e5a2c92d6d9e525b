#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include "src/gpu/device.hpp"
#include "src/gpu/driver.hpp"
#include "src/profile/cupti_session.hpp"
#include "src/profile/recorder_log.hpp"

namespace trainbench::profile {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{256} << 10;
constexpr int kKernels = 10'000;  // 216 bytes each: four times what two buffers hold

TEST(GpuRecorderLimit, RecordsBeyondTheBuffersAreCountedAndNothingBreaks) {
  if (const auto reason = gpu::reason_without_gpu(gpu::driver_state(), 0))
    GTEST_SKIP() << "no CUDA device: " << *reason;
  // Never destroyed, as CUPTI's threads may call back until the process ends.
  auto* const session = new CuptiSession(
      CuptiApi{},
      {.innermost_operator = innermost_operator, .buffer_bytes = kBufferBytes, .most_buffers = 2});
  session->open();
  gpu::open_device(0);
  at::Tensor sum = at::zeros({1}, at::kCUDA);
  session->start();
  for (int i = 0; i < kKernels; ++i) sum.add_(1);
  session->pause();
  const GpuRecording recording = session->finish();
  EXPECT_EQ(sum.item<float>(), kKernels);
  EXPECT_GT(recording.truncated, 0);
  EXPECT_FALSE(recording.gpu.empty());
  EXPECT_LT(recording.gpu.size(), recording.launches.size());
}

}  // namespace
}  // namespace trainbench::profile
