#include "src/gpu/device.hpp"
#include "src/gpu/without_cuda.hpp"

namespace trainbench::gpu {

void open_device(int /*index*/) {
  refuse_without_cuda();
}

void synchronize() {
  refuse_without_cuda();
}

Facts device_facts() {
  refuse_without_cuda();
}

DeviceMemory device_memory() {
  refuse_without_cuda();
}

void reset_peak_memory() {
  refuse_without_cuda();
}

std::int64_t used_device_bytes() {
  refuse_without_cuda();
}

class StepClock::Events {};

StepClock::StepClock(std::int64_t /*expected_marks*/) {
  refuse_without_cuda();
}

StepClock::~StepClock() = default;

void StepClock::mark() {
  refuse_without_cuda();
}

std::vector<double> StepClock::take_intervals() {
  refuse_without_cuda();
}

}  // namespace trainbench::gpu
