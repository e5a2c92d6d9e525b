#pragma once

#include <gtest/gtest.h>

#include "src/gpu/device.hpp"
#include "src/gpu/driver.hpp"

namespace trainbench::gpu {

/// A test on device 0, open and with a stream of its own; skipped where there is none. Use it in tests
/// labelled `gpu`.
class GpuTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = reason_without_gpu(driver_state(), 0)) {
      GTEST_SKIP() << "no CUDA device: " << *reason;
    }
    open_device(0);
  }
};

}  // namespace trainbench::gpu
