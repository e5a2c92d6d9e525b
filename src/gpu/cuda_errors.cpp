#include "src/gpu/cuda_errors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace trainbench::gpu {
namespace {

struct KnownError {
  int code = 0;
  std::string_view name;
  std::string_view sentence;  // {} is the device; empty where the context decides
};

constexpr int kOutOfMemory = 2;
constexpr int kInsufficientDriver = 35;
constexpr int kNoDevice = 100;
constexpr int kInvalidDevice = 101;

constexpr std::array kKnownErrors = {
    KnownError{kOutOfMemory, "cudaErrorMemoryAllocation",
               "{} has no memory left: another process holds it, or the batch is too large."},
    KnownError{3, "cudaErrorInitializationError",
               "The CUDA driver could not be initialised for {}: start the program anew."},
    KnownError{34, "cudaErrorStubLibrary",
               "libcuda.so.1 is the toolkit's stub, not a driver: take its folder out of LD_LIBRARY_PATH."},
    KnownError{kInsufficientDriver, "cudaErrorInsufficientDriver", ""},
    KnownError{46, "cudaErrorDevicesUnavailable",
               "{} is busy, in exclusive mode or in compute mode 'prohibited': another process holds it. "
               "nvidia-smi shows which."},
    KnownError{kNoDevice, "cudaErrorNoDevice", ""},
    KnownError{kInvalidDevice, "cudaErrorInvalidDevice", ""},
    KnownError{200, "cudaErrorDeviceKernelImageInvalid",
               "The kernels in this program are damaged: build it anew."},
    KnownError{209, "cudaErrorNoKernelImageForDevice",
               "This program or its LibTorch has no kernels for the compute capability of {}: build with "
               "-DTRAINBENCH_CUDA_ARCHITECTURES of that device."},
    KnownError{214, "cudaErrorECCUncorrectable",
               "{} has an ECC error that it cannot correct: reset it (nvidia-smi -r) or take another."},
    KnownError{218, "cudaErrorInvalidPtx", "The driver cannot compile this program's PTX for {}."},
    KnownError{222, "cudaErrorUnsupportedPtxVersion",
               "The driver is too old to compile this program's PTX for {}: update the driver."},
    KnownError{700, "cudaErrorIllegalAddress", "A kernel on {} used an address that is not its own."},
    KnownError{710, "cudaErrorAssert", "A kernel on {} failed an assertion of its own."},
    KnownError{719, "cudaErrorLaunchFailure", "A kernel on {} failed."},
    KnownError{802, "cudaErrorSystemNotReady",
               "{} is not ready: the system's fabric manager or another driver service does not run."},
    KnownError{803, "cudaErrorSystemDriverMismatch",
               "The loaded kernel module is of another version than the driver's libraries: reboot."},
    KnownError{804, "cudaErrorCompatNotSupportedOnDevice",
               "CUDA's forward compatibility libraries do not serve {}: take them out of LD_LIBRARY_PATH."},
    KnownError{900, "cudaErrorStreamCaptureUnsupported", "A call is not permitted in a stream capture."},
    KnownError{901, "cudaErrorStreamCaptureInvalidated", "An earlier call has invalidated the capture."},
    KnownError{904, "cudaErrorStreamCaptureUnjoined",
               "Work on another stream was begun in the capture and not joined."},
    KnownError{905, "cudaErrorStreamCaptureIsolation", "Work in the capture waits for work outside of it."},
    KnownError{906, "cudaErrorStreamCaptureImplicit", "A call in the capture used the default stream."},
};

const KnownError* find(int code) {
  const auto* found = std::find_if(kKnownErrors.begin(), kKnownErrors.end(),
                                   [&](const KnownError& known) { return known.code == code; });
  return found == kKnownErrors.end() ? nullptr : found;
}

std::string device_text(const CudaErrorContext& context) {
  if (context.device_name.empty()) return fmt::format("CUDA device {}", context.index);
  return fmt::format("CUDA device {} ({})", context.index, context.device_name);
}

std::string driver_sentence(const CudaErrorContext& context) {
  if (context.driver_cuda_version == 0) return "There is no CUDA device (driver: none).";
  return fmt::format("The driver serves CUDA {}, this program needs {}: install {}.",
                     cuda_version_text(context.driver_cuda_version),
                     cuda_version_text(context.program_cuda_version),
                     oldest_driver_for(context.program_cuda_version));
}

std::string no_device_sentence(const CudaErrorContext& context) {
  return context.driver_cuda_version == 0
             ? "There is no CUDA device (driver: none)."
             : "The driver shows this process no CUDA device: see CUDA_VISIBLE_DEVICES.";
}

}  // namespace

std::string cuda_version_text(int cuda_version) {
  return fmt::format("{}.{}", cuda_version / 1000, cuda_version % 1000 / 10);
}

std::string oldest_driver_for(int cuda_version) {
  switch (cuda_version / 1000) {
    case 11:
      return "driver 450 or later";
    case 12:
      return "driver 525 or later";
    case 13:
      return "driver 580 or later";
    default:
      return "a newer driver";
  }
}

std::string no_such_device(int index, int count) {
  if (count == 1) return fmt::format("there is no CUDA device {}: 1 is visible, device 0", index);
  return fmt::format("there is no CUDA device {}: {} are visible, 0 to {}", index, count, count - 1);
}

bool is_out_of_memory(int code) noexcept {
  return code == kOutOfMemory;
}

std::string cuda_error_text(int code) {
  const KnownError* known = find(code);
  return known == nullptr ? fmt::format("error {}", code) : fmt::format("{} ({})", known->name, code);
}

std::string cuda_error_sentence(int code, const CudaErrorContext& context) {
  if (code == kInsufficientDriver) return driver_sentence(context);
  if (code == kNoDevice) return no_device_sentence(context);
  if (code == kInvalidDevice) {
    std::string sentence = no_such_device(context.index, context.device_count);
    sentence[0] = 'T';
    return sentence + ".";
  }
  if (const KnownError* known = find(code)) {
    return fmt::format("{} [{}]", fmt::format(fmt::runtime(known->sentence), device_text(context)),
                       cuda_error_text(code));
  }
  return fmt::format("{} answered {}{}{}.", device_text(context), cuda_error_text(code),
                     context.description.empty() ? "" : ": ", context.description);
}

}  // namespace trainbench::gpu
