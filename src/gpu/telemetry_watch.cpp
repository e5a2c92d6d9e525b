#include "src/gpu/telemetry_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "src/stats/summary.hpp"

namespace trainbench::gpu {
namespace {

/// A reason for clocks below what was asked for, as NVML's bits name it.
struct HeldClocks {
  std::uint64_t bits = 0;
  std::string_view name;      // in the fact
  std::string_view sentence;  // in the warning, after "its clocks were "
};

constexpr std::array kHeldClocks = {
    HeldClocks{0x4, "power cap", "at the power limit"},
    HeldClocks{0x20 | 0x40, "thermal slowdown", "held down by heat"},
    HeldClocks{0x80, "power brake", "held down by the power supply's brake signal"},
    // 0x8 comes together with 0x40 and 0x80; alone it is a fault of another kind.
    HeldClocks{0x8, "hardware slowdown", "held down by the hardware"},
};

std::optional<std::uint64_t> read_energy(const NvmlCalls& nvml, NvmlCalls::Device device) {
  std::uint64_t millijoules = 0;
  if (nvml.total_energy(device, millijoules) != 0) return std::nullopt;
  return millijoules;
}

void add_clock(const NvmlCalls& nvml, NvmlCalls::Device device, NvmlCalls::Clock clock,
               std::vector<double>& values) {
  unsigned mhz = 0;
  if (nvml.clock(device, clock, mhz) == 0) values.push_back(mhz);
}

std::string clock_fact(const std::vector<double>& mhz) {
  if (mhz.empty()) return "unknown";
  return fmt::format("median {:.0f}, lowest {:.0f}", *stats::median(mhz),
                     *std::min_element(mhz.begin(), mhz.end()));
}

std::string temperature_fact(const std::vector<double>& celsius) {
  if (celsius.empty()) return "unknown";
  const auto [lowest, highest] = std::minmax_element(celsius.begin(), celsius.end());
  return fmt::format("{:.0f} to {:.0f}", *lowest, *highest);
}

std::size_t samples_with(const TelemetrySamples& samples, const HeldClocks& held) {
  return static_cast<std::size_t>(std::count_if(samples.reasons.begin(), samples.reasons.end(),
                                                [&](std::uint64_t bits) { return (bits & held.bits) != 0; }));
}

void report_held_clocks(const TelemetrySamples& samples, Facts& noted, std::vector<std::string>& warnings) {
  if (samples.reasons.empty()) {
    noted["gpu_throttle_reasons"] = "unknown";
    return;
  }
  std::string fact;
  for (const HeldClocks& held : kHeldClocks) {
    const std::size_t count = samples_with(samples, held);
    if (count == 0) continue;
    fact += fmt::format("{}{} ({} of {} samples)", fact.empty() ? "" : ", ", held.name, count,
                        samples.reasons.size());
    warnings.push_back(fmt::format(
        "The GPU's clocks were {} in {} of {} samples of the window (SM clock in MHz: {}): another "
        "run may find it faster.",
        held.sentence, count, samples.reasons.size(), clock_fact(samples.sm_mhz)));
  }
  noted["gpu_throttle_reasons"] = fact.empty() ? "none" : fact;
}

}  // namespace

void take_sample(const NvmlCalls& nvml, NvmlCalls::Device device, TelemetrySamples& samples) {
  add_clock(nvml, device, NvmlCalls::Clock::sm, samples.sm_mhz);
  add_clock(nvml, device, NvmlCalls::Clock::memory, samples.memory_mhz);
  unsigned celsius = 0;
  if (nvml.temperature(device, celsius) == 0) samples.celsius.push_back(celsius);
  std::uint64_t reasons = 0;
  if (nvml.clocks_event_reasons(device, reasons) == 0) samples.reasons.push_back(reasons);
}

void report_telemetry(const TelemetrySamples& samples, double images, Metrics& metrics, Facts& noted,
                      std::vector<std::string>& warnings) {
  noted["gpu_sm_clock_mhz"] = clock_fact(samples.sm_mhz);
  noted["gpu_memory_clock_mhz"] = clock_fact(samples.memory_mhz);
  noted["gpu_temperature_celsius"] = temperature_fact(samples.celsius);
  report_held_clocks(samples, noted, warnings);
  const auto& before = samples.millijoules_before;
  const auto& after = samples.millijoules_after;
  // A counter that stood still is one that the window is too short for.
  const bool long_enough = samples.length >= kShortestForEnergy;
  if (long_enough && before && after && *after > *before && images > 0) {
    set_metric(metrics, "gpu_joules_per_image", static_cast<double>(*after - *before) / 1000 / images);
  }
}

NvmlWatch::NvmlWatch(NvmlCalls nvml, NvmlCalls::Device device, std::chrono::milliseconds period)
    : nvml_(std::move(nvml)), device_(device), begin_(std::chrono::steady_clock::now()) {
  samples_.millijoules_before = read_energy(nvml_, device_);
  thread_ = std::thread([this, period] { run(period); });
}

NvmlWatch::~NvmlWatch() {
  stop();
  nvml_.shutdown();
}

void NvmlWatch::run(std::chrono::milliseconds period) {
  std::unique_lock lock(mutex_);
  // The first sample comes a period after the start: the device is still idle there.
  while (!ended_.wait_for(lock, period, [this] { return ends_; })) take_sample(nvml_, device_, samples_);
}

const TelemetrySamples& NvmlWatch::stop() {
  if (!thread_.joinable()) return samples_;
  samples_.millijoules_after = read_energy(nvml_, device_);
  samples_.length = std::chrono::steady_clock::now() - begin_;
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  ended_.notify_one();
  thread_.join();
  // A window shorter than a period: late is better than unknown.
  if (samples_.sm_mhz.empty()) take_sample(nvml_, device_, samples_);
  return samples_;
}

std::optional<std::int64_t> NvmlWatch::memory_of(int pid) const {
  std::vector<NvmlCalls::Process> processes;
  if (nvml_.compute_processes(device_, processes) != 0) return std::nullopt;
  for (const auto& process : processes) {
    if (process.pid == static_cast<unsigned>(pid)) return process.memory_bytes;
  }
  return std::nullopt;
}

std::optional<std::int64_t> NvmlWatch::used_memory() const {
  std::int64_t bytes = 0;
  return nvml_.used_memory(device_, bytes) == 0 ? std::optional(bytes) : std::nullopt;
}

}  // namespace trainbench::gpu
