#include <ATen/Context.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "src/base/errors.hpp"
#include "src/gpu/captured_peak.hpp"
#include "src/gpu/cuda_check.hpp"
#include "src/gpu/device.hpp"
#include "src/gpu/driver.hpp"
#include "src/gpu/first_kernel.hpp"

namespace trainbench::gpu {
namespace {

namespace allocator = c10::cuda::CUDACachingAllocator;
constexpr auto kAllPools = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);

std::int64_t captured_peak_bytes = 0;

void require_device(int index) {
  int count = 0;
  check_cuda(cudaGetDeviceCount(&count), index);
  if (index < 0 || index >= count) check_cuda(cudaErrorInvalidDevice, index);
}

/// Makes the context, and runs a kernel of ours and one of LibTorch's: each is compiled for capabilities of
/// its own.
void run_first_kernels(int index) {
  const cudaStream_t stream = c10::cuda::getCurrentCUDAStream();
  int* counter = nullptr;
  int value = 0;
  check_cuda(cudaMalloc(reinterpret_cast<void**>(&counter), sizeof(int)), index);
  check_cuda(cudaMemsetAsync(counter, 0, sizeof(int), stream), index);
  check_cuda(launch_first_kernel(counter, stream), index);
  check_cuda(cudaMemcpyAsync(&value, counter, sizeof(int), cudaMemcpyDeviceToHost, stream), index);
  check_cuda(cudaStreamSynchronize(stream), index);
  check_cuda(cudaFree(counter), index);
  if (value != 1) {
    throw EnvironmentError(fmt::format("CUDA device {} counted to {} instead of 1.", index, value));
  }
  at::zeros({1}, at::device(at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(index)))).add_(1);
  check_cuda(cudaStreamSynchronize(stream), index);
  allocator::emptyCache();
}

void require_cudnn() {
  if (!at::globalContext().hasCuDNN()) {
    throw EnvironmentError("This LibTorch was built without cuDNN: take one that has it.");
  }
  try {
    at::globalContext().versionRuntimeCuDNN();
  } catch (const c10::Error& error) {
    throw EnvironmentError(fmt::format("cuDNN cannot be used: {}", first_line(error)));
  }
}

std::string version_text(int cuda_version) {
  return fmt::format("{}.{}", cuda_version / 1000, cuda_version % 1000 / 10);
}

std::string cudnn_version() {
  const long version = at::globalContext().versionRuntimeCuDNN();
  return fmt::format("{}.{}.{}", version / 10000, version % 10000 / 100, version % 100);
}

/// LibTorch has two ways to set TF32 and refuses to answer where both were used.
template <typename Question>
std::string on_off(const Question& question) {
  try {
    return question() ? "on" : "off";
  } catch (const c10::Error&) {
    return "unknown";
  }
}

int current_index() {
  int index = 0;
  check_cuda(cudaGetDevice(&index), index);
  return index;
}

c10::DeviceIndex current_device() {
  return static_cast<c10::DeviceIndex>(current_index());
}

}  // namespace

void open_device(int index) {
  require_device(index);
  try {
    const auto device = static_cast<c10::DeviceIndex>(index);
    check_cuda(cudaSetDevice(index), index);
    c10::cuda::set_device(device);
    require_cudnn();
    // Not the default stream: that one cannot be captured.
    c10::cuda::setCurrentCUDAStream(c10::cuda::getStreamFromPool(false, device));
    run_first_kernels(index);
  } catch (const c10::Error& error) {
    throw EnvironmentError(fmt::format("CUDA device {} cannot be used: {}", index, first_line(error)));
  }
}

void synchronize() {
  check_cuda(cudaDeviceSynchronize(), current_index());
}

Facts device_facts() {
  const int index = current_index();
  cudaDeviceProp properties{};
  check_cuda(cudaGetDeviceProperties(&properties, index), index);
  int runtime = 0;
  int driver = 0;
  check_cuda(cudaRuntimeGetVersion(&runtime), index);
  check_cuda(cudaDriverGetVersion(&driver), index);
  const auto& context = at::globalContext();
  return {
      {"gpu", properties.name},
      {"gpu_compute_capability", fmt::format("{}.{}", properties.major, properties.minor)},
      {"gpu_memory_gib", fmt::format("{:.1f}", static_cast<double>(properties.totalGlobalMem) / (1U << 30U))},
      {"gpu_multiprocessors", std::to_string(properties.multiProcessorCount)},
      {"gpu_ecc", properties.ECCEnabled != 0 ? "on" : "off"},
      {"gpu_driver", driver_state().driver_version.value_or("unknown")},
      {"cuda_driver", version_text(driver)},
      {"cuda_runtime", version_text(runtime)},
      {"cudnn", cudnn_version()},
      {"cudnn_benchmark", context.benchmarkCuDNN() ? "on" : "off"},
      {"cudnn_deterministic", context.deterministicCuDNN() ? "on" : "off"},
      {"tf32_convolutions", on_off([&] { return context.allowTF32CuDNN(); })},
      {"tf32_matrix_products", on_off([&] { return context.allowTF32CuBLAS(); })},
  };
}

DeviceMemory device_memory() {
  const auto statistics = allocator::getDeviceStats(current_device());
  return {.peak_allocated_bytes = std::max(statistics.allocated_bytes[kAllPools].peak, captured_peak_bytes),
          .peak_reserved_bytes = statistics.reserved_bytes[kAllPools].peak};
}

void set_captured_peak(std::int64_t bytes) noexcept {
  captured_peak_bytes = bytes;
}

void reset_peak_memory() {
  allocator::resetPeakStats(current_device());
}

std::int64_t used_device_bytes() {
  std::size_t free = 0;
  std::size_t total = 0;
  check_cuda(cudaMemGetInfo(&free, &total), current_index());
  return static_cast<std::int64_t>(total - free);
}

class StepClock::Events {
 public:
  explicit Events(std::size_t expected) {
    events_.reserve(expected);
    while (events_.size() < expected) add();
  }
  ~Events() {
    // A failure here is one of the device, and the next call on it tells.
    for (cudaEvent_t event : events_) static_cast<void>(cudaEventDestroy(event));
  }
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

  void record() {
    if (marks_ == events_.size()) add();
    check_cuda(cudaEventRecord(events_[marks_], c10::cuda::getCurrentCUDAStream()), index_);
    ++marks_;
  }

  std::vector<double> take_intervals() {
    std::vector<double> seconds;
    if (marks_ > 0) check_cuda(cudaEventSynchronize(events_[marks_ - 1]), index_);
    for (std::size_t i = 1; i < marks_; ++i) {
      float milliseconds = 0;
      check_cuda(cudaEventElapsedTime(&milliseconds, events_[i - 1], events_[i]), index_);
      seconds.push_back(static_cast<double>(milliseconds) / 1000);
    }
    marks_ = 0;
    return seconds;
  }

 private:
  void add() {
    cudaEvent_t event = nullptr;
    check_cuda(cudaEventCreate(&event), index_);
    events_.push_back(event);
  }

  const int index_ = current_index();
  std::vector<cudaEvent_t> events_;
  std::size_t marks_ = 0;
};

StepClock::StepClock(std::int64_t expected_marks)
    : events_(std::make_unique<Events>(static_cast<std::size_t>(expected_marks))) {}

StepClock::~StepClock() = default;

void StepClock::mark() {
  events_->record();
}

std::vector<double> StepClock::take_intervals() {
  return events_->take_intervals();
}

}  // namespace trainbench::gpu
