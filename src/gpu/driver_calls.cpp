#include "src/gpu/driver_calls.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <array>
#include <utility>

namespace trainbench::gpu {
namespace {

/// A C function of a library, looked up by name. The library stays loaded: the driver's do not survive
/// dlclose.
template <typename... Parameters>
class Function {
 public:
  Function(void* library, const char* name) {
    // POSIX guarantees that the pointer is one to a function.
    pointer_ = reinterpret_cast<int (*)(Parameters...)>(dlsym(library, name));
  }
  Function(void* library, const char* name, const char* older_name) : Function(library, name) {
    if (pointer_ == nullptr) *this = Function(library, older_name);
  }
  int operator()(Parameters... parameters) const {
    return pointer_ == nullptr ? kMissingFunction : pointer_(parameters...);
  }

 private:
  int (*pointer_)(Parameters...) = nullptr;
};

/// nvmlProcessInfo_t of nvmlDeviceGetComputeRunningProcesses_v3.
struct NvmlProcessInfo {
  unsigned pid;
  unsigned long long used_memory;
  unsigned gpu_instance;
  unsigned compute_instance;
};
constexpr unsigned long long kMemoryNotAvailable = ~0ULL;

/// nvmlMemory_t of nvmlDeviceGetMemoryInfo, in bytes.
struct NvmlMemory {
  unsigned long long total;
  unsigned long long free;
  unsigned long long used;
};

using Device = NvmlCalls::Device;

int compute_processes(const Function<Device, unsigned*, NvmlProcessInfo*>& function, Device device,
                      std::vector<NvmlCalls::Process>& processes) {
  // More than this many processes on one GPU would answer "insufficient size": unknown, as anywhere else.
  std::array<NvmlProcessInfo, 128> infos{};
  auto count = static_cast<unsigned>(infos.size());
  const int code = function(device, &count, infos.data());
  if (code != 0) return code;
  for (unsigned i = 0; i < count; ++i) {
    NvmlCalls::Process process{.pid = infos[i].pid, .memory_bytes = std::nullopt};
    if (infos[i].used_memory != kMemoryNotAvailable) {
      process.memory_bytes = static_cast<std::int64_t>(infos[i].used_memory);
    }
    processes.push_back(process);
  }
  return 0;
}

/// For functions that write a string into a buffer: call(buffer, size).
template <typename Call>
int read_text(std::string& text, const Call& call) {
  std::array<char, 256> buffer{};
  const int code = call(buffer.data(), buffer.size());
  if (code == 0) text = buffer.data();
  return code;
}

void load_device_questions(void* library, NvmlCalls& calls) {
  calls.compute_processes =
      [f = Function<Device, unsigned*, NvmlProcessInfo*>(library, "nvmlDeviceGetComputeRunningProcesses_v3")](
          Device device, std::vector<NvmlCalls::Process>& processes) {
        return compute_processes(f, device, processes);
      };
  calls.used_memory = [f = Function<Device, NvmlMemory*>(library, "nvmlDeviceGetMemoryInfo")](
                          Device device, std::int64_t& bytes) {
    NvmlMemory memory{};
    const int code = f(device, &memory);
    bytes = static_cast<std::int64_t>(memory.used);
    return code;
  };
  calls.total_energy =
      [f = Function<Device, unsigned long long*>(library, "nvmlDeviceGetTotalEnergyConsumption")](
          Device device, std::uint64_t& millijoules) {
        unsigned long long value = 0;
        const int code = f(device, &value);
        millijoules = value;
        return code;
      };
  calls.clock = [f = Function<Device, unsigned, unsigned*>(library, "nvmlDeviceGetClockInfo")](
                    Device device, NvmlCalls::Clock clock, unsigned& mhz) {
    return f(device, static_cast<unsigned>(clock), &mhz);
  };
  calls.temperature = [f = Function<Device, unsigned, unsigned*>(library, "nvmlDeviceGetTemperature")](
                          Device device, unsigned& celsius) { return f(device, 0, &celsius); };
  calls.clocks_event_reasons =
      [f = Function<Device, unsigned long long*>(library, "nvmlDeviceGetCurrentClocksEventReasons",
                                                 "nvmlDeviceGetCurrentClocksThrottleReasons")](
          Device device, std::uint64_t& reasons) {
        unsigned long long value = 0;
        const int code = f(device, &value);
        reasons = value;
        return code;
      };
}

}  // namespace

std::string uuid_text(const unsigned char (&bytes)[16]) {
  std::string text = "GPU";
  for (int i = 0; i < 16; ++i) {
    if (i == 0 || i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", bytes[i]);
  }
  return text;
}

std::optional<CudaCalls> load_cuda() {
  void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return std::nullopt;
  CudaCalls calls;
  calls.init = [f = Function<unsigned>(library, "cuInit")] { return f(0); };
  calls.driver_version = [f = Function<int*>(library, "cuDriverGetVersion")](int& version) {
    return f(&version);
  };
  calls.device_count = [f = Function<int*>(library, "cuDeviceGetCount")](int& count) { return f(&count); };
  calls.device = [f = Function<int*, int>(library, "cuDeviceGet")](int index, int& device) {
    return f(&device, index);
  };
  calls.name = [f = Function<char*, int, int>(library, "cuDeviceGetName")](int device, std::string& name) {
    return read_text(name,
                     [&](char* text, std::size_t size) { return f(text, static_cast<int>(size), device); });
  };
  // The second version tells a MIG instance's own identity where the first tells its GPU's.
  calls.uuid = [f = Function<unsigned char*, int>(library, "cuDeviceGetUuid_v2", "cuDeviceGetUuid")](
                   int device, std::string& uuid) {
    unsigned char bytes[16] = {};
    const int code = f(bytes, device);
    if (code == 0) uuid = uuid_text(bytes);
    return code;
  };
  calls.total_memory = [f = Function<std::size_t*, int>(library, "cuDeviceTotalMem_v2")](
                           int device, std::int64_t& bytes) {
    std::size_t size = 0;
    const int code = f(&size, device);
    bytes = static_cast<std::int64_t>(size);
    return code;
  };
  calls.attribute = [f = Function<int*, int, int>(library, "cuDeviceGetAttribute")](
                        int device, int attribute, int& value) { return f(&value, attribute, device); };
  return calls;
}

std::optional<NvmlCalls> load_nvml() {
  void* library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return std::nullopt;
  NvmlCalls calls;
  calls.init = Function<>(library, "nvmlInit_v2");
  calls.shutdown = [f = Function<>(library, "nvmlShutdown")] { f(); };
  calls.driver_version =
      [f = Function<char*, unsigned>(library, "nvmlSystemGetDriverVersion")](std::string& version) {
        return read_text(version,
                         [&](char* text, std::size_t size) { return f(text, static_cast<unsigned>(size)); });
      };
  calls.device_count = [f = Function<unsigned*>(library, "nvmlDeviceGetCount_v2")](unsigned& count) {
    return f(&count);
  };
  calls.device_by_uuid = [f = Function<const char*, Device*>(library, "nvmlDeviceGetHandleByUUID")](
                             const std::string& uuid, Device& device) { return f(uuid.c_str(), &device); };
  calls.process_name = [f = Function<unsigned, char*, unsigned>(library, "nvmlSystemGetProcessName")](
                           unsigned pid, std::string& name) {
    return read_text(name,
                     [&](char* text, std::size_t size) { return f(pid, text, static_cast<unsigned>(size)); });
  };
  load_device_questions(library, calls);
  return calls;
}

}  // namespace trainbench::gpu
