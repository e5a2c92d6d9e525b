#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "src/gpu/driver_calls.hpp"
#include "src/measure/facts.hpp"
#include "src/measure/metrics.hpp"

namespace trainbench::gpu {

/// The driver renews its count of energy every 20 to 100 ms: over a shorter time than this, the part of a
/// period that is missing or too much would be more than 10 % of the figure.
inline constexpr std::chrono::seconds kShortestForEnergy{1};

/// What NVML answered around and in a window. What it did not answer is not there.
struct TelemetrySamples {
  std::chrono::nanoseconds length{0};  // of the window
  std::vector<double> sm_mhz;
  std::vector<double> memory_mhz;
  std::vector<double> celsius;
  std::vector<std::uint64_t> reasons;  // NVML's bits of why clocks are not higher
  std::optional<std::uint64_t> millijoules_before;
  std::optional<std::uint64_t> millijoules_after;
};

/// Asks once for clocks, temperature and reasons, and adds what is answered.
void take_sample(const NvmlCalls& nvml, NvmlCalls::Device device, TelemetrySamples& samples);

/// See Telemetry::finish. No energy of a window shorter than kShortestForEnergy.
void report_telemetry(const TelemetrySamples& samples, double images, Metrics& metrics, Facts& noted,
                      std::vector<std::string>& warnings);

/// Watches one device from construction to `stop`, by a thread of its own.
class NvmlWatch {
 public:
  /// `nvml.init` must have succeeded; the watch calls `shutdown` when it ends.
  NvmlWatch(NvmlCalls nvml, NvmlCalls::Device device, std::chrono::milliseconds period);
  ~NvmlWatch();
  NvmlWatch(const NvmlWatch&) = delete;  // owns a thread
  NvmlWatch& operator=(const NvmlWatch&) = delete;

  /// Ends the watch; a second call gives the same.
  const TelemetrySamples& stop();

  /// Device memory of process `pid`; nothing where NVML does not tell, or knows the process by another
  /// number.
  std::optional<std::int64_t> memory_of(int pid) const;

  /// Device memory of every process together.
  std::optional<std::int64_t> used_memory() const;

 private:
  void run(std::chrono::milliseconds period);

  NvmlCalls nvml_;
  NvmlCalls::Device device_;
  std::chrono::steady_clock::time_point begin_;
  TelemetrySamples samples_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace trainbench::gpu
