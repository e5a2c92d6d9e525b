#include "src/profile/recorder.hpp"

#include <c10/core/Allocator.h>
#include <c10/core/ScalarType.h>
#include <c10/util/ThreadLocalDebugInfo.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "src/profile/clock.hpp"
#include "src/profile/recorder_log.hpp"
#include "src/profile/recorder_profile.hpp"

namespace trainbench::profile {
namespace {

/// Writes down what the allocators report, on whichever thread carries the hook.
class MemoryHook : public c10::MemoryReportingInfoBase {
 public:
  explicit MemoryHook(Recording& recording) : recording_(recording) {}

  void reportMemoryUsage(void* pointer, std::int64_t bytes, std::size_t allocated, std::size_t /*reserved*/,
                         c10::Device device) override {
    try {
      note(pointer, bytes, allocated, device);
    } catch (...) {
      ++recording_.faults;  // no allocation may fail for it
    }
  }
  bool memoryProfilingEnabled() const override { return true; }

 private:
  void note(void* pointer, std::int64_t bytes, std::size_t allocated, c10::Device device) {
    ThreadLog& log = log_of(recording_);
    log.memory.push_back({.address = reinterpret_cast<std::uintptr_t>(pointer),
                          .bytes = bytes,
                          .time_ns = monotonic_ns(),
                          .device = device.is_cpu() ? kHostMemory : device.index(),
                          .caller = log.open.empty() ? kNone : log.open.back(),
                          // Of the host's memory c10 counts what this hook was told, and no more.
                          .total_bytes = device.is_cpu() ? 0 : static_cast<std::int64_t>(allocated)});
  }

  Recording& recording_;
};

KnownBlock block_of_tensor(const at::Tensor& tensor, MemoryClass memory_class) {
  const c10::Storage& storage = tensor.storage();
  return {.address = reinterpret_cast<std::uintptr_t>(storage.data()),
          .device = tensor.device().is_cpu() ? kHostMemory : tensor.device().index(),
          .bytes = static_cast<std::int64_t>(storage.nbytes()),
          .time_ns = monotonic_ns(),
          .memory_class = memory_class};
}

}  // namespace

class CpuRecorder::Impl {
 public:
  explicit Impl(RecorderOptions options) : options_(std::move(options)), recording_(new_recording()) {
    recording_.inputs = options_.inputs;
    name_layers(recording_, options_.parameters);
    activate(&recording_);
    log_of(recording_);
    if (options_.memory)
      hook_.emplace(c10::DebugInfoKind::PROFILER_STATE, std::make_shared<MemoryHook>(recording_));
  }

  ~Impl() { end(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void set_net(NamedParameters parameters, std::vector<at::Tensor> buffers) {
    if (callback_) throw std::logic_error("The recorder is told of the net before it is started.");
    options_.parameters = std::move(parameters);
    options_.buffers = std::move(buffers);
    name_layers(recording_, options_.parameters);
  }

  void start() {
    if (callback_) throw std::logic_error("The recorder was started twice.");
    callback_ =
        at::addGlobalCallback(at::RecordFunctionCallback(begin_operator, end_operator)
                                  .needsInputs(options_.inputs)
                                  .scopes({at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION,
                                           at::RecordScope::USER_SCOPE}));
  }

  void pause() {
    if (callback_) at::removeCallback(*callback_);
    callback_.reset();
  }

  void mark_phase(StepPhase phase, bool begin) {
    if (begin) {
      phases_.push_back({.phase = phase, .time = {monotonic_ns(), INT64_MIN}});
    } else if (!phases_.empty() && phases_.back().phase == phase) {
      phases_.back().time.end_ns = monotonic_ns();
    }
  }

  void begin_step() { steps_.push_back({monotonic_ns(), INT64_MIN}); }

  void end_step() {
    if (steps_.empty()) throw std::logic_error("A step ended that had not begun.");
    steps_.back().end_ns = monotonic_ns();
    if (!options_.memory) return;
    for (const auto& [name, tensor] : options_.parameters) {
      const at::Tensor& gradient = tensor.grad();
      if (gradient.defined()) known_.push_back(block_of_tensor(gradient, MemoryClass::gradients));
    }
  }

  Profile finish() {
    if (options_.memory) {
      for (const auto& [name, tensor] : options_.parameters)
        known_.push_back(block_of_tensor(tensor, MemoryClass::weights));
      for (const at::Tensor& tensor : options_.buffers)
        known_.push_back(block_of_tensor(tensor, MemoryClass::weights));
    }
    end();
    std::erase_if(phases_, [](const PhaseRecord& record) { return record.time.end_ns == INT64_MIN; });
    std::erase_if(steps_, [](const Span& step) { return step.end_ns == INT64_MIN; });
    Profile profile = profile_of(recording_, steps_, phases_, known_);
    release(recording_);
    return profile;
  }

 private:
  void end() {
    pause();
    hook_.reset();
    if (active_) activate(nullptr);
    active_ = false;
  }

  RecorderOptions options_;
  Recording& recording_;
  std::optional<c10::DebugInfoGuard> hook_;
  std::optional<at::CallbackHandle> callback_;
  bool active_ = true;
  std::vector<Span> steps_;
  std::vector<PhaseRecord> phases_;
  std::vector<KnownBlock> known_;
};

CpuRecorder::CpuRecorder(RecorderOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
CpuRecorder::~CpuRecorder() = default;
void CpuRecorder::set_net(NamedParameters parameters, std::vector<at::Tensor> buffers) {
  impl_->set_net(std::move(parameters), std::move(buffers));
}
void CpuRecorder::start() {
  impl_->start();
}
void CpuRecorder::pause() {
  impl_->pause();
}
void CpuRecorder::mark_phase(StepPhase phase, bool begin) {
  impl_->mark_phase(phase, begin);
}
void CpuRecorder::begin_step() {
  impl_->begin_step();
}
void CpuRecorder::end_step() {
  impl_->end_step();
}
Profile CpuRecorder::finish() {
  return impl_->finish();
}

}  // namespace trainbench::profile
