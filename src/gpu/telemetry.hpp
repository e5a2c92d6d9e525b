#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/measure/facts.hpp"
#include "src/measure/metrics.hpp"

namespace trainbench::gpu {

/// Clocks, temperature, throttle reasons and energy of a GPU around a window, from NVML (by dlopen).
class Telemetry {
 public:
  /// Starts to watch GPU `index` of CUDA's order. Without NVML every answer is "unknown", never an error.
  explicit Telemetry(int index);
  ~Telemetry();
  Telemetry(const Telemetry&) = delete;
  Telemetry& operator=(const Telemetry&) = delete;

  /// Ends the watch. Sets `gpu_joules_per_image` where the driver counts energy, `images` is above 0
  /// and the watch lasted a second or longer (the driver's count is renewed every 20 to 100 ms); notes SM and
  /// memory clocks (median, minimum), temperature and throttle reasons as facts outside the fingerprint;
  /// warns in a sentence where clocks were held down.
  void finish(double images, Metrics& metrics, Facts& noted, std::vector<std::string>& warnings);

  /// Device memory of this process as the driver counts it; nothing where it does not tell (containers).
  std::optional<std::int64_t> process_memory_bytes() const;

  /// Device memory of every process together as NVML counts it; unlike used_device_bytes this makes no CUDA
  /// context.
  std::optional<std::int64_t> used_memory_bytes() const;

 private:
  class Watch;
  std::unique_ptr<Watch> watch_;
};

}  // namespace trainbench::gpu
