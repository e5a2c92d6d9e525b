#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/gpu/driver_questions.hpp"
#include "src/gpu/telemetry.hpp"
#include "src/gpu/telemetry_watch.hpp"

namespace trainbench::gpu {
namespace {

// This program finds libraries of the drivers' names that the tests bring, so that what is written here goes
// through dlopen, dlsym and the C functions' real parameters.

TEST(DriverLibraries, AreFoundAndAskedThroughTheirOwnFunctions) {
  const DriverState state = driver_state();
  EXPECT_EQ(state.driver_version, "580.65.06");
  EXPECT_EQ(state.cuda_version, 13000);
  ASSERT_EQ(state.gpus.size(), 1U);
  EXPECT_EQ(state.gpus[0].name, "NVIDIA H100");
  EXPECT_EQ(state.gpus[0].uuid, "GPU-abababab-abab-abab-abab-abababababab");
  EXPECT_EQ(state.gpus[0].capability, 90);
  EXPECT_EQ(state.gpus[0].memory_bytes, 80LL << 30);
  EXPECT_FALSE(state.gpus[0].compute_prohibited);
  EXPECT_EQ(state.gpus[0].exclusive_owner, 4711);
}

TEST(DriverLibraries, TelemetryReadsClocksTemperatureAndReasons) {
  Metrics metrics;
  Facts noted;
  std::vector<std::string> warnings;
  Telemetry telemetry(0);
  telemetry.finish(100, metrics, noted, warnings);
  EXPECT_EQ(noted.at("gpu_sm_clock_mhz"), "median 1980, lowest 1980");
  EXPECT_EQ(noted.at("gpu_memory_clock_mhz"), "median 2619, lowest 2619");
  EXPECT_EQ(noted.at("gpu_temperature_celsius"), "47 to 47");
  EXPECT_THAT(noted.at("gpu_throttle_reasons"), testing::StartsWith("power cap")) << "by the older name";
}

TEST(DriverLibraries, ProcessMemoryIsReadOrNotThere) {
  const auto nvml = load_nvml();
  ASSERT_TRUE(nvml);
  const auto device = nvml_device(*nvml, "GPU-abababab-abab-abab-abab-abababababab");
  ASSERT_TRUE(device);
  NvmlWatch watch(*nvml, *device, std::chrono::hours(1));
  EXPECT_EQ(watch.memory_of(4711), 123);
  EXPECT_EQ(watch.memory_of(4712), std::nullopt);
  EXPECT_EQ(watch.stop().millijoules_after, 5000000000U);
}

}  // namespace
}  // namespace trainbench::gpu
