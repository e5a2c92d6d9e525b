#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "src/measure/facts.hpp"

namespace trainbench::gpu {

// The CUDA device of this process. Of two source files CMake builds one: device_cuda.cpp where there is nvcc,
// device_none.cpp elsewhere, whose functions throw EnvironmentError. Only workers call what is below.

/// True where this program holds GPU code at all.
bool built_with_cuda() noexcept;

/// Makes device `index` the current one, with a stream of its own (not the default stream: that cannot be
/// captured) on which everything that this thread does from now on runs, and runs one kernel on it. Throws
/// EnvironmentError with one sentence for: no device, index out of range, busy or in exclusive mode, no
/// kernel image for its compute capability, no cuDNN.
void open_device(int index);

/// Waits until the device has done what it was given. Throws what an asynchronous kernel failed with.
void synchronize();

/// Device, compute capability, CUDA, cuDNN and driver versions, ECC, memory in GiB, cuDNN's and TF32's
/// settings.
Facts device_facts();

struct DeviceMemory {
  // Held by tensors, since reset_peak_memory; at least what was held while the process's graph was captured.
  std::int64_t peak_allocated_bytes = 0;
  std::int64_t peak_reserved_bytes = 0;  // held by the caching allocator
};
DeviceMemory device_memory();
void reset_peak_memory();

/// Device memory that is in use now by every process, as the driver counts it (cudaMemGetInfo: total - free).
std::int64_t used_device_bytes();

/// Times on the device's clock, read after the window: CUDA events, none of which is waited for inside it.
class StepClock {
 public:
  explicit StepClock(std::int64_t expected_marks);
  ~StepClock();
  StepClock(const StepClock&) = delete;  // owns events
  StepClock& operator=(const StepClock&) = delete;

  /// Records an event on the current stream.
  void mark();

  /// Seconds between consecutive marks; waits for the last. The marks are forgotten.
  std::vector<double> take_intervals();

 private:
  class Events;
  std::unique_ptr<Events> events_;
};

}  // namespace trainbench::gpu
