#include "src/train/census.hpp"

#include <ATen/ops/clone.h>
#include <ATen/record_function.h>
#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <algorithm>
#include <atomic>
#include <memory>

namespace trainbench {
namespace {

std::atomic<std::int64_t> recorded_operators{0};

std::unique_ptr<at::ObserverContext> count_operator(const at::RecordFunction& /*function*/) {
  recorded_operators.fetch_add(1, std::memory_order_relaxed);
  return nullptr;
}

/// Hears of every allocation and release that the calling thread makes through c10's allocators.
class AllocationCounter : public c10::MemoryReportingInfoBase {
 public:
  void reportMemoryUsage(void* /*pointer*/, std::int64_t bytes, std::size_t /*allocated*/,
                         std::size_t /*reserved*/, c10::Device device) override {
    if (!device.is_cpu()) return;
    live_bytes_ += bytes;
    peak_bytes_ = std::max(peak_bytes_, live_bytes_);
    if (bytes > 0) ++allocations_;
  }
  bool memoryProfilingEnabled() const override { return true; }

  std::int64_t allocations() const { return allocations_; }
  std::int64_t peak_bytes() const { return peak_bytes_; }

 private:
  std::int64_t allocations_ = 0;
  std::int64_t live_bytes_ = 0;
  std::int64_t peak_bytes_ = 0;
};

/// Of the calling thread, where the backward pass of a CPU step runs too: what loader threads call in between
/// is not part of the step.
class OperatorCallback {
 public:
  OperatorCallback()
      : handle_(at::addThreadLocalCallback(
            at::RecordFunctionCallback(count_operator)
                .scopes({at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION}))) {}
  ~OperatorCallback() { at::removeCallback(handle_); }
  OperatorCallback(const OperatorCallback&) = delete;
  OperatorCallback& operator=(const OperatorCallback&) = delete;

 private:
  at::CallbackHandle handle_;
};

/// In memory that the allocator tells of.
void copy_gradients(const std::vector<at::Tensor>& parameters) {
  for (const at::Tensor& parameter : parameters) {
    if (parameter.grad().defined()) parameter.mutable_grad() = parameter.grad().clone();
  }
}

}  // namespace

StepCensus count_step(const std::function<void()>& step, const std::vector<at::Tensor>& parameters) {
  {
    const c10::DebugInfoGuard memory(c10::DebugInfoKind::PROFILER_STATE,
                                     std::make_shared<AllocationCounter>());
    copy_gradients(parameters);
  }
  const auto counter = std::make_shared<AllocationCounter>();
  recorded_operators = 0;
  {
    const c10::DebugInfoGuard memory(c10::DebugInfoKind::PROFILER_STATE, counter);
    const OperatorCallback operators;
    step();
  }
  return {.operators = recorded_operators.load(),
          .allocations = counter->allocations(),
          .peak_bytes = counter->peak_bytes()};
}

}  // namespace trainbench
