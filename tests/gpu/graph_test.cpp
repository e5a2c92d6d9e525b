#include "src/gpu/graph.hpp"

#include <ATen/core/Tensor.h>
#include <ATen/ops/full.h>
#include <ATen/ops/randn.h>
#include <gmock/gmock.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "src/base/errors.hpp"
#include "tests/gpu/gpu_test.hpp"

namespace trainbench::gpu {
namespace {

/// out = tanh(in x in) + 1, with temporaries of its own.
class CapturedWorkTest : public GpuTest {
 protected:
  void SetUp() override {
    GpuTest::SetUp();
    if (IsSkipped()) return;
    in_ = at::full({64, 64}, 0.01, at::kCUDA);
    out_ = at::full({64, 64}, 0.0, at::kCUDA);
    compute();  // once eagerly, as CapturedWork asks
    synchronize();
  }
  // Tensors must not outlive the process's CUDA; gtest destroys the fixture in time.
  void compute() { out_.copy_(in_.mm(in_).tanh().add(1)); }

  at::Tensor in_;
  at::Tensor out_;
};

TEST_F(CapturedWorkTest, ComputesOnWhatTheInputHoldsAtTheLaunch) {
  CapturedWork work([this] { compute(); });
  for (const double value : {0.02, 0.05}) {
    in_.fill_(value);
    work.launch();
    synchronize();
    const at::Tensor replayed = out_.clone();
    compute();
    EXPECT_TRUE(replayed.equal(out_)) << "input " << value;
  }
}

TEST_F(CapturedWorkTest, CapturingRunsNothing) {
  out_.fill_(7);
  CapturedWork work([this] { compute(); });
  synchronize();
  EXPECT_EQ(out_.min().item<float>(), 7);
}

TEST_F(CapturedWorkTest, SaysWhyWorkThatReadsTheDeviceCannotBeCaptured) {
  try {
    CapturedWork work([this] { out_.add_(in_.sum().item<float>()); });
    FAIL() << "item() waits for the device";
  } catch (const EnvironmentError& error) {
    EXPECT_THAT(error.what(), testing::StartsWith("The work cannot be captured in a CUDA graph: "));
    EXPECT_THAT(error.what(), testing::HasSubstr("captur"));
  }
}

TEST_F(CapturedWorkTest, AfterAFailedCaptureTheStreamComputesAndCapturesAgain) {
  EXPECT_THROW(CapturedWork([this] { in_.sum().item<float>(); }), EnvironmentError);
  EXPECT_THROW(CapturedWork([] { throw std::logic_error("ours"); }), std::logic_error);
  in_.fill_(0.03);
  compute();
  const at::Tensor eager = out_.clone();
  CapturedWork work([this] { compute(); });
  out_.zero_();
  work.launch();
  synchronize();
  EXPECT_TRUE(eager.equal(out_));
}

TEST_F(CapturedWorkTest, OtherThreadsMayPinMemoryMeanwhile) {
  std::atomic<bool> capturing = false;
  std::atomic<bool> pinned = false;
  std::thread loader([&] {
    while (!capturing) std::this_thread::yield();
    const at::Tensor buffer = at::randn({1 << 20}).pin_memory();
    pinned = buffer.is_pinned();
    capturing = false;
  });
  CapturedWork work([&] {
    compute();
    capturing = true;
    while (capturing) std::this_thread::yield();
    compute();
  });
  loader.join();
  EXPECT_TRUE(pinned);
  work.launch();
  synchronize();
}

}  // namespace
}  // namespace trainbench::gpu
