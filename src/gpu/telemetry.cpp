#include "src/gpu/telemetry.hpp"

#include <unistd.h>

#include "src/gpu/driver_questions.hpp"
#include "src/gpu/telemetry_watch.hpp"

namespace trainbench::gpu {
namespace {

using namespace std::chrono_literals;
constexpr auto kPeriod = 100ms;

/// The device of CUDA's order; nothing where a library is missing or does not know it.
std::unique_ptr<NvmlWatch> watch(int index) {
  const auto cuda = load_cuda();
  auto nvml = load_nvml();
  int device = 0;
  std::string uuid;
  if (!cuda || !nvml || cuda->init() != 0 || cuda->device(index, device) != 0 ||
      cuda->uuid(device, uuid) != 0 || nvml->init() != 0) {
    return nullptr;
  }
  const auto handle = nvml_device(*nvml, uuid);
  if (!handle) {
    nvml->shutdown();
    return nullptr;
  }
  return std::make_unique<NvmlWatch>(std::move(*nvml), *handle, kPeriod);
}

}  // namespace

class Telemetry::Watch {
 public:
  explicit Watch(int index) : nvml(watch(index)) {}
  const std::unique_ptr<NvmlWatch> nvml;
};

Telemetry::Telemetry(int index) : watch_(std::make_unique<Watch>(index)) {}

Telemetry::~Telemetry() = default;

void Telemetry::finish(double images, Metrics& metrics, Facts& noted, std::vector<std::string>& warnings) {
  const TelemetrySamples samples = watch_->nvml ? watch_->nvml->stop() : TelemetrySamples{};
  report_telemetry(samples, images, metrics, noted, warnings);
}

std::optional<std::int64_t> Telemetry::process_memory_bytes() const {
  return watch_->nvml ? watch_->nvml->memory_of(getpid()) : std::nullopt;
}

std::optional<std::int64_t> Telemetry::used_memory_bytes() const {
  return watch_->nvml ? watch_->nvml->used_memory() : std::nullopt;
}

}  // namespace trainbench::gpu
