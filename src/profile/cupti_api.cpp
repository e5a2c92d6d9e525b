#include "src/profile/cupti_api.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <utility>

#include "src/base/errors.hpp"

namespace trainbench::profile {
namespace {

/// Since 13.0 a version is 130001 for 13.0 update 1; before, it was a plain number: 28 of 12.9.
std::string version_text(std::uint32_t version) {
  if (version < 1000) return fmt::format("of CUDA 12 or older (API {})", version);
  const std::uint32_t update = version % 100;
  return fmt::format("{}.{}{}", version / 10000, version / 100 % 100,
                     update == 0 ? "" : fmt::format(" update {}", update));
}

/// 0 where it does not say.
std::uint32_t version_of(const CuptiApi& api) {
  std::uint32_t version = 0;
  return api.version(&version) == CUPTI_SUCCESS ? version : 0;
}

/// Tools name themselves to the driver and to NVTX in these.
std::string injections() {
  std::string set;
  for (const char* name : {"CUDA_INJECTION64_PATH", "NVTX_INJECTION64_PATH"}) {
    if (const char* value = std::getenv(name)) set += fmt::format("; {}='{}' is set", name, value);
  }
  return set;
}

std::string held_sentence(std::string_view holder) {
  return fmt::format(
      "CUPTI is taken by {}: run without Nsight Systems, Nsight Compute, cuda-gdb and compute-sanitizer, "
      "without torch.profiler in this process, and without NVTX_INJECTION64_PATH{}",
      holder.empty() ? "another tool that does not say its name" : fmt::format("'{}'", holder), injections());
}

/// What the machine has that CUPTI refuses; nullptr for other results.
const char* refused_machine(CUptiResult result) {
  switch (result) {
    case CUPTI_ERROR_VIRTUALIZED_DEVICE_NOT_SUPPORTED:
      return "a virtual GPU";
    case CUPTI_ERROR_CONFIDENTIAL_COMPUTING_NOT_SUPPORTED:
      return "a GPU in confidential-computing mode";
    case CUPTI_ERROR_CMP_DEVICE_NOT_SUPPORTED:
      return "a mining GPU";
    case CUPTI_ERROR_MIG_DEVICE_NOT_SUPPORTED:
      return "a MIG instance";
    case CUPTI_ERROR_WSL_DEVICE_NOT_SUPPORTED:
      return "WSL";
    default:
      return nullptr;
  }
}

}  // namespace

std::string reason_without_cupti(const CuptiApi& api) {
  int count = 0;
  const cudaError_t error = api.device_count(&count);
  if (error != cudaSuccess)
    return fmt::format("no NVIDIA driver or GPU (cudaGetDeviceCount: {})", api.cuda_error_text(error));
  if (count == 0) return "no GPU (cudaGetDeviceCount: 0)";
  std::uint32_t version = 0;
  if (const CUptiResult result = api.version(&version); result != CUPTI_SUCCESS)
    return cupti_sentence(api, "cuptiGetVersion", result);
  // An older library hands out shorter records than the structures that we read.
  if (version / 100 < CUPTI_API_VERSION / 100) {
    return fmt::format(
        "libcupti is {}, this program reads the records of {}: put LibTorch's own libcupti first in "
        "LD_LIBRARY_PATH",
        version_text(version), version_text(CUPTI_API_VERSION));
  }
  return "";
}

Facts cupti_facts(const CuptiApi& api) {
  Dl_info library{};
  const bool found = ::dladdr(reinterpret_cast<const void*>(api.version), &library) != 0;
  const std::uint32_t version = version_of(api);
  return {{"libcupti", found && library.dli_fname != nullptr ? library.dli_fname : "unknown"},
          {"libcupti_version", version == 0 ? "unknown" : version_text(version)}};
}

std::string cupti_warning(const CuptiApi& api) {
  constexpr std::uint32_t kFirstOf13 = 130000;
  if (version_of(api) != kFirstOf13) return "";
  return fmt::format(
      "libcupti is the first of CUDA 13.0 ('{}'), which loses the host's waits for the GPU and may hang: put "
      "LibTorch's own libcupti first in LD_LIBRARY_PATH, or update CUDA.",
      cupti_facts(api).at("libcupti"));
}

std::string cupti_sentence(const CuptiApi& api, std::string_view call, CUptiResult result,
                           std::string_view holder) {
  const char* name = nullptr;
  if (api.result_text(result, &name) != CUPTI_SUCCESS || name == nullptr) name = "no name";
  std::string answer = fmt::format("{} answered {} ({})", call, static_cast<int>(result), name);
  if (result == CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED)
    return fmt::format("{}; {}", held_sentence(holder), answer);
  if (result == CUPTI_ERROR_NOT_INITIALIZED) {
    return fmt::format("the driver is too old for libcupti {}: update it; {}",
                       version_text(CUPTI_API_VERSION), answer);
  }
  if (result == CUPTI_ERROR_INSUFFICIENT_PRIVILEGES ||
      result == CUPTI_ERROR_VIRTUALIZED_DEVICE_INSUFFICIENT_PRIVILEGES) {
    return "this user may not record the GPU: see https://developer.nvidia.com/ERR_NVGPUCTRPERM; " + answer;
  }
  if (const char* machine = refused_machine(result))
    return fmt::format("CUPTI does not serve {}; {}", machine, answer);
  return answer;
}

void CuptiCalls::make(std::string_view name, const Call& call, Call undo) {
  if (!fault_.empty()) throw EnvironmentError(fault_);
  check(name, call(), {}, std::move(undo));
}

void CuptiCalls::check(std::string_view name, CUptiResult result, std::string_view holder, Call undo) {
  if (!fault_.empty()) throw EnvironmentError(fault_);
  if (result == CUPTI_SUCCESS) {
    if (undo) undos_.push_back(std::move(undo));
    return;
  }
  refuse(cupti_sentence(api_, name, result, holder));
}

void CuptiCalls::refuse(const std::string& sentence) {
  fault_ = sentence;
  unwind();
  throw EnvironmentError(fault_);
}

void CuptiCalls::unwind() noexcept {
  while (!undos_.empty()) {
    undos_.back()();
    undos_.pop_back();
  }
}

}  // namespace trainbench::profile
