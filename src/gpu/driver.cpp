#include "src/gpu/driver.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "src/gpu/cuda_errors.hpp"
#include "src/gpu/driver_questions.hpp"

namespace trainbench::gpu {
namespace {

constexpr std::string_view kUnknown = "unknown";

// CUdevice_attribute and CUcomputemode.
constexpr int kComputeMode = 20;
constexpr int kCapabilityMajor = 75;
constexpr int kCapabilityMinor = 76;
constexpr int kProhibited = 2;
constexpr int kExclusiveProcess = 3;

/// Another process than ours that holds the device. MPS's server holds it for all of its clients, of which we
/// will be one.
std::optional<int> owner_of(const NvmlCalls& nvml, const std::string& uuid) {
  const auto device = nvml_device(nvml, uuid);
  std::vector<NvmlCalls::Process> processes;
  if (!device || nvml.compute_processes(*device, processes) != 0) return std::nullopt;
  for (const auto& process : processes) {
    std::string name;
    const bool is_named = nvml.process_name(process.pid, name) == 0;
    const bool is_mps = is_named && name.find("nvidia-cuda-mps") != std::string::npos;
    if (!is_mps && process.pid != static_cast<unsigned>(getpid())) return static_cast<int>(process.pid);
  }
  return std::nullopt;
}

int attribute_of(const CudaCalls& cuda, int device, int attribute) {
  int value = 0;
  return cuda.attribute(device, attribute, value) == 0 ? value : 0;
}

GpuInfo describe(const CudaCalls& cuda, const NvmlCalls* nvml, int device) {
  GpuInfo gpu;
  if (cuda.name(device, gpu.name) != 0) gpu.name = kUnknown;
  if (cuda.uuid(device, gpu.uuid) != 0) gpu.uuid.clear();
  if (cuda.total_memory(device, gpu.memory_bytes) != 0) gpu.memory_bytes = 0;
  gpu.capability = 10 * attribute_of(cuda, device, kCapabilityMajor) +  //
                   attribute_of(cuda, device, kCapabilityMinor);
  const int mode = attribute_of(cuda, device, kComputeMode);
  gpu.compute_prohibited = mode == kProhibited;
  if (mode == kExclusiveProcess && nvml != nullptr && !gpu.uuid.empty()) {
    gpu.exclusive_owner = owner_of(*nvml, gpu.uuid);
  }
  return gpu;
}

/// Why there is nothing to see, where libcuda answers that there is no device.
std::string nothing_visible(const NvmlCalls* nvml, const char* visible_devices) {
  unsigned count = 0;
  if (nvml != nullptr && nvml->device_count(count) == 0 && count == 0) return "it sees no GPU";
  if (visible_devices != nullptr) return fmt::format("CUDA_VISIBLE_DEVICES='{}' hides all", visible_devices);
  return "it shows this process no GPU";
}

void ask_cuda(const CudaCalls& cuda, const NvmlCalls* nvml, const char* visible_devices, DriverState& state) {
  int version = 0;
  if (cuda.driver_version(version) == 0 && version > 0) state.cuda_version = version;
  const int code = cuda.init();
  int count = 0;
  if (code == 0 && cuda.device_count(count) != 0) count = 0;
  if (code != 0 && code != CudaCalls::kNoDevice) {
    state.fault = fmt::format("libcuda answered {}", cuda_error_text(code));
  } else if (count == 0) {
    state.fault = nothing_visible(nvml, visible_devices);
  }
  for (int index = 0; index < count; ++index) {
    int device = 0;
    if (cuda.device(index, device) == 0) state.gpus.push_back(describe(cuda, nvml, device));
  }
  // The stub that toolkits bring, and a libcuda without its kernel module, are no driver.
  const bool answers = code != CudaCalls::kNoDevice && code != CudaCalls::kStubLibrary;
  if (!state.driver_version && answers) state.driver_version = kUnknown;
}

void ask_nvml_version(const NvmlCalls& nvml, int init_code, DriverState& state) {
  std::string version;
  if (init_code == 0 && nvml.driver_version(version) == 0) {
    state.driver_version = version;
  } else if (init_code == NvmlCalls::kVersionMismatch) {
    state.driver_version = kUnknown;
    state.fault = "the loaded kernel module is of another version than the driver's libraries: reboot";
  }
}

std::string capability_text(int capability) {
  return fmt::format("{}.{}", capability / 10, capability % 10);
}

std::optional<std::string> driver_is_too_old(const DriverState& state, const GpuBuild& build) {
  // Within a major version older drivers serve newer programs.
  if (!state.cuda_version || *state.cuda_version / 1000 >= build.cuda_version / 1000) return std::nullopt;
  return fmt::format("the driver {} serves CUDA {}, this program needs {}: install {}", *state.driver_version,
                     cuda_version_text(*state.cuda_version), cuda_version_text(build.cuda_version),
                     oldest_driver_for(build.cuda_version));
}

std::optional<std::string> gpu_is_out_of_reach(const GpuInfo& gpu, int index, const GpuBuild& build) {
  const std::string which = fmt::format("CUDA device {} ({})", index, gpu.name);
  if (gpu.compute_prohibited) {
    return fmt::format(
        "{} is in compute mode 'prohibited': an administrator ends that with nvidia-smi -i {} -c DEFAULT",
        which, gpu.uuid.empty() ? "ID" : gpu.uuid);
  }
  if (gpu.exclusive_owner) {
    return fmt::format(
        "{} is in exclusive mode and process {} holds it: end that, or name another device with --gpu", which,
        *gpu.exclusive_owner);
  }
  if (gpu.capability > 0 && !has_kernel_image(build, gpu.capability)) {
    std::vector<std::string> built;
    for (const int architecture : build.architectures) built.push_back(capability_text(architecture));
    return fmt::format(
        "{} has compute capability {}, this program has kernels for {} and later: build with "
        "-DTRAINBENCH_CUDA_ARCHITECTURES={}",
        which, capability_text(gpu.capability), fmt::join(built, ", "), gpu.capability);
  }
  return std::nullopt;
}

}  // namespace

bool has_kernel_image(const GpuBuild& build, int capability) {
  const auto runs = [&](int architecture) {
    return architecture / 10 == capability / 10 && architecture <= capability;
  };
  return !build.architectures.empty() &&
         (build.architectures.back() <= capability ||
          std::any_of(build.architectures.begin(), build.architectures.end(), runs));
}

std::optional<NvmlCalls::Device> nvml_device(const NvmlCalls& nvml, const std::string& uuid) {
  NvmlCalls::Device device = nullptr;
  if (nvml.device_by_uuid(uuid, device) == 0) return device;
  // libcuda does not say whether a UUID is a whole GPU's or a MIG instance's.
  if (nvml.device_by_uuid("MIG" + uuid.substr(uuid.find('-')), device) == 0) return device;
  return std::nullopt;
}

DriverState driver_state(const CudaCalls* cuda, const NvmlCalls* nvml, const char* visible_devices) {
  DriverState state;
  const int nvml_code = nvml != nullptr ? nvml->init() : kMissingFunction;
  const NvmlCalls* answering_nvml = nvml_code == 0 ? nvml : nullptr;
  if (nvml != nullptr) ask_nvml_version(*nvml, nvml_code, state);
  if (cuda != nullptr && state.fault.empty()) {
    ask_cuda(*cuda, answering_nvml, visible_devices, state);
  } else if (state.fault.empty() && state.driver_version) {
    state.fault = "libcuda.so.1 cannot be loaded";
  }
  if (answering_nvml != nullptr) answering_nvml->shutdown();
  return state;
}

DriverState driver_state() {
  const auto cuda = load_cuda();
  const auto nvml = load_nvml();
  return driver_state(cuda ? &*cuda : nullptr, nvml ? &*nvml : nullptr, std::getenv("CUDA_VISIBLE_DEVICES"));
}

std::optional<std::string> reason_without_gpu(const DriverState& state, int index, const GpuBuild& build) {
  if (!state.driver_version) return "no CUDA device (driver: none)";
  if (!build.cuda) {
    return "this program was built without CUDA: build it where nvcc is, with TRAINBENCH_TIER=cuda";
  }
  if (auto reason = driver_is_too_old(state, build)) return reason;
  if (state.gpus.empty()) {
    return fmt::format("no CUDA device (driver: {}; {})", *state.driver_version,
                       state.fault.empty() ? "it sees no GPU" : state.fault);
  }
  const int count = static_cast<int>(state.gpus.size());
  if (index < 0 || index >= count) return no_such_device(index, count);
  return gpu_is_out_of_reach(state.gpus[static_cast<std::size_t>(index)], index, build);
}

std::optional<std::string> reason_without_gpu(const DriverState& state, int index) {
  return reason_without_gpu(state, index, gpu_build());
}

}  // namespace trainbench::gpu
