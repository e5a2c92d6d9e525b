#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace trainbench::gpu {

// The few calls of the NVIDIA driver's two libraries that we make, with the libraries' own return codes (0 is
// success). Found by dlopen, so that one program runs with a driver and without; tests fill them with
// scripts.

/// libcuda.so.1. None of these makes a context.
struct CudaCalls {
  static constexpr int kNoDevice = 100;  // CUDA_ERROR_NO_DEVICE
  static constexpr int kStubLibrary = 34;

  std::function<int()> init;
  std::function<int(int& version)> driver_version;  // 13000 for 13.0; answers before `init`
  std::function<int(int& count)> device_count;
  std::function<int(int index, int& device)> device;
  std::function<int(int device, std::string& name)> name;
  std::function<int(int device, std::string& uuid)> uuid;  // "GPU-8f2c..."
  std::function<int(int device, std::int64_t& bytes)> total_memory;
  std::function<int(int device, int attribute, int& value)> attribute;
};

/// libnvidia-ml.so.1.
struct NvmlCalls {
  using Device = void*;
  struct Process {
    unsigned pid = 0;
    std::optional<std::int64_t> memory_bytes;  // nothing where the driver does not tell
  };
  enum class Clock : unsigned { sm = 1, memory = 2 };
  static constexpr int kDriverNotLoaded = 9;
  static constexpr int kVersionMismatch = 18;

  std::function<int()> init;
  std::function<void()> shutdown;
  std::function<int(std::string& version)> driver_version;
  std::function<int(unsigned& count)> device_count;
  std::function<int(const std::string& uuid, Device& device)> device_by_uuid;
  std::function<int(Device device, std::vector<Process>& processes)> compute_processes;
  std::function<int(unsigned pid, std::string& name)> process_name;
  std::function<int(Device device, std::int64_t& bytes)> used_memory;  // of every process
  std::function<int(Device device, std::uint64_t& millijoules)> total_energy;
  std::function<int(Device device, Clock clock, unsigned& mhz)> clock;
  std::function<int(Device device, unsigned& celsius)> temperature;
  std::function<int(Device device, std::uint64_t& reasons)> clocks_event_reasons;
};

/// Nothing where the library is not there. A function that the library lacks answers kMissingFunction.
std::optional<CudaCalls> load_cuda();
std::optional<NvmlCalls> load_nvml();

/// Not among the codes of either library.
constexpr int kMissingFunction = -1;

/// "GPU-" and 16 bytes as NVML writes them: 8-4-4-4-12 lower-case hexadecimal digits.
std::string uuid_text(const unsigned char (&bytes)[16]);

}  // namespace trainbench::gpu
