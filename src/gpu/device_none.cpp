#include "src/base/errors.hpp"
#include "src/gpu/device.hpp"

namespace trainbench::gpu {
namespace {

[[noreturn]] void refuse() {
  throw EnvironmentError(
      "This program was built without CUDA: build it where nvcc is, with TRAINBENCH_TIER=cuda.");
}

}  // namespace

void open_device(int /*index*/) {
  refuse();
}

void synchronize() {
  refuse();
}

Facts device_facts() {
  refuse();
}

DeviceMemory device_memory() {
  refuse();
}

void reset_peak_memory() {
  refuse();
}

std::int64_t used_device_bytes() {
  refuse();
}

class StepClock::Events {};

StepClock::StepClock(std::int64_t /*expected_marks*/) {
  refuse();
}

StepClock::~StepClock() = default;

void StepClock::mark() {
  refuse();
}

std::vector<double> StepClock::take_intervals() {
  refuse();
}

}  // namespace trainbench::gpu
