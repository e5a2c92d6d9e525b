#include "src/gpu/telemetry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "src/gpu/telemetry_watch.hpp"

namespace trainbench::gpu {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kNotSupported = 3;

/// What a device answers, as the test sets it; read by the watch's thread as well.
struct FakeDevice {
  std::atomic<std::uint64_t> millijoules = 1000;
  std::atomic<unsigned> sm_mhz = 1980;
  std::atomic<std::uint64_t> reasons = 0;
  std::atomic<int> samples = 0;
  std::atomic<int> shutdowns = 0;
  std::vector<NvmlCalls::Process> processes = {};

  NvmlCalls calls() {
    NvmlCalls nvml;
    nvml.shutdown = [this] { ++shutdowns; };
    nvml.compute_processes = [this](auto, std::vector<NvmlCalls::Process>& out) {
      return out = processes, 0;
    };
    nvml.total_energy = [this](auto, std::uint64_t& value) { return value = millijoules, 0; };
    nvml.clock = [this](auto, NvmlCalls::Clock clock, unsigned& mhz) {
      return mhz = clock == NvmlCalls::Clock::sm ? sm_mhz.load() : 2619, 0;
    };
    nvml.temperature = [this](auto, unsigned& celsius) {
      return celsius = 40 + static_cast<unsigned>(samples), 0;
    };
    nvml.clocks_event_reasons = [this](auto, std::uint64_t& value) { return ++samples, value = reasons, 0; };
    return nvml;
  }
};

struct Report {
  Metrics metrics;
  Facts noted;
  std::vector<std::string> warnings;
};

Report report(const TelemetrySamples& samples, double images = 100) {
  Report made;
  report_telemetry(samples, images, made.metrics, made.noted, made.warnings);
  return made;
}

TEST(NvmlWatch, SamplesWhileItWatchesAndReadsTheEnergyAtBothEnds) {
  FakeDevice device;
  NvmlWatch watch(device.calls(), nullptr, 1ms);
  while (device.samples < 3) std::this_thread::yield();
  device.millijoules = 51000;
  const TelemetrySamples& samples = watch.stop();
  EXPECT_GE(samples.sm_mhz.size(), 3U);
  EXPECT_EQ(samples.sm_mhz.size(), samples.memory_mhz.size());
  EXPECT_EQ(samples.millijoules_before, 1000U);
  EXPECT_EQ(samples.millijoules_after, 51000U);
  EXPECT_GT(samples.length.count(), 0);
}

TEST(NvmlWatch, TakesOneSampleAtTheEndOfAWindowThatIsShorterThanItsPeriod) {
  FakeDevice device;
  NvmlWatch watch(device.calls(), nullptr, 1h);
  EXPECT_THAT(watch.stop().sm_mhz, ElementsAre(1980));
  EXPECT_THAT(watch.stop().sm_mhz, ElementsAre(1980)) << "a second stop gives the same";
}

TEST(NvmlWatch, ShutsNvmlDownOnceWhenItEndsWithoutAStop) {
  FakeDevice device;
  { NvmlWatch watch(device.calls(), nullptr, 1h); }
  EXPECT_EQ(device.shutdowns, 1);
}

TEST(NvmlWatch, MemoryIsThatOfTheProcessAndUnknownWhereTheDriverDoesNotTell) {
  FakeDevice device;
  device.processes = {{.pid = 5, .memory_bytes = 100}, {.pid = 6, .memory_bytes = std::nullopt}};
  NvmlWatch watch(device.calls(), nullptr, 1h);
  EXPECT_EQ(watch.memory_of(5), 100);
  EXPECT_EQ(watch.memory_of(6), std::nullopt);
  EXPECT_EQ(watch.memory_of(7), std::nullopt) << "in a container the driver knows us by another number";
}

TEST(NvmlWatch, TellsTheMemoryOfAllProcessesWhereTheDriverDoes) {
  FakeDevice device;
  NvmlCalls calls = device.calls();
  calls.used_memory = [](NvmlCalls::Device, std::int64_t& bytes) { return bytes = 512, 0; };
  EXPECT_EQ(NvmlWatch(calls, nullptr, 1h).used_memory(), 512);
  calls.used_memory = [](NvmlCalls::Device, std::int64_t&) { return 3; };
  EXPECT_EQ(NvmlWatch(calls, nullptr, 1h).used_memory(), std::nullopt);
}

TEST(ReportTelemetry, GivesJoulesPerImageFromTheCountersDifference) {
  const Report made =
      report({.length = kShortestForEnergy, .millijoules_before = 1000, .millijoules_after = 51000}, 200);
  EXPECT_DOUBLE_EQ(made.metrics.at("gpu_joules_per_image"), 0.25);
}

TEST(ReportTelemetry, LeavesTheEnergyOutWhereItIsNotCountedOrNoImageWasTrained) {
  const std::chrono::nanoseconds second = kShortestForEnergy;
  EXPECT_THAT(report({.length = second, .millijoules_before = 1000}).metrics, IsEmpty());
  EXPECT_THAT(report({.length = second, .millijoules_before = 1000, .millijoules_after = 1000}).metrics,
              IsEmpty());
  EXPECT_THAT(report({.length = second, .millijoules_before = 1, .millijoules_after = 9}, 0).metrics,
              IsEmpty());
}

TEST(ReportTelemetry, LeavesTheEnergyOfAWindowOutThatIsShortForTheDriversCounter) {
  const std::chrono::nanoseconds below = kShortestForEnergy - std::chrono::milliseconds(1);
  EXPECT_THAT(report({.length = below, .millijoules_before = 1000, .millijoules_after = 51000}).metrics,
              IsEmpty());
}

TEST(ReportTelemetry, NotesMedianAndLowestClocksAndTheRangeOfTheTemperature) {
  const Report made = report({.sm_mhz = {1980, 1755, 1980},
                              .memory_mhz = {2619, 2619, 2619},
                              .celsius = {52, 61, 58},
                              .reasons = {0, 1, 2}});
  EXPECT_EQ(made.noted.at("gpu_sm_clock_mhz"), "median 1980, lowest 1755");
  EXPECT_EQ(made.noted.at("gpu_memory_clock_mhz"), "median 2619, lowest 2619");
  EXPECT_EQ(made.noted.at("gpu_temperature_celsius"), "52 to 61");
  EXPECT_EQ(made.noted.at("gpu_throttle_reasons"), "none") << "idle and application clocks hold nothing down";
  EXPECT_THAT(made.warnings, IsEmpty());
}

TEST(ReportTelemetry, WarnsOfThePowerCapAndOfHeatInASentenceEach) {
  const Report made = report({.sm_mhz = {1980, 1200, 1300}, .reasons = {0, 0x4, 0x4 | 0x40 | 0x8}});
  EXPECT_EQ(
      made.noted.at("gpu_throttle_reasons"),
      "power cap (2 of 3 samples), thermal slowdown (1 of 3 samples), hardware slowdown (1 of 3 samples)");
  ASSERT_EQ(made.warnings.size(), 3U);
  EXPECT_THAT(made.warnings[0], HasSubstr("at the power limit in 2 of 3 samples"));
  EXPECT_THAT(made.warnings[0], HasSubstr("median 1300, lowest 1200"));
  EXPECT_THAT(made.warnings[1], HasSubstr("held down by heat in 1 of 3 samples"));
}

TEST(ReportTelemetry, WhatWasNotAnsweredIsUnknown) {
  const Report made = report({});
  for (const char* fact :
       {"gpu_sm_clock_mhz", "gpu_memory_clock_mhz", "gpu_temperature_celsius", "gpu_throttle_reasons"}) {
    EXPECT_EQ(made.noted.at(fact), "unknown") << fact;
  }
  EXPECT_THAT(made.warnings, IsEmpty());
}

TEST(TakeSample, AddsOnlyWhatTheDeviceAnswers) {
  FakeDevice device;
  NvmlCalls nvml = device.calls();
  nvml.clocks_event_reasons = [](auto, std::uint64_t&) { return kNotSupported; };
  nvml.temperature = [](auto, unsigned&) { return kMissingFunction; };
  TelemetrySamples samples;
  take_sample(nvml, nullptr, samples);
  EXPECT_THAT(samples.sm_mhz, ElementsAre(1980));
  EXPECT_THAT(samples.celsius, IsEmpty());
  EXPECT_THAT(samples.reasons, IsEmpty());
}

// A device number that no machine has: with a driver and without, nothing is known of it and nothing fails.
TEST(Telemetry, OfADeviceThatIsNotThereIsUnknown) {
  Telemetry telemetry(1000);
  Report made;
  EXPECT_EQ(telemetry.process_memory_bytes(), std::nullopt);
  telemetry.finish(100, made.metrics, made.noted, made.warnings);
  EXPECT_THAT(made.metrics, IsEmpty());
  EXPECT_EQ(made.noted.at("gpu_sm_clock_mhz"), "unknown");
}

}  // namespace
}  // namespace trainbench::gpu
