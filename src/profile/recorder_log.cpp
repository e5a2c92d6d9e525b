#include "src/profile/recorder_log.hpp"

#include <ATen/core/List.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "src/profile/clock.hpp"

namespace trainbench::profile {
namespace {

constexpr std::int64_t kMostTensors = 3;  // input, weight and bias; gradient, input and weight
constexpr std::size_t kMostInputs = 8;
constexpr std::size_t kUsualDepth = 256;  // of operators in each other

std::atomic<Recording*> active_recording{nullptr};
std::atomic<const OperatorFollower*> current_follower{nullptr};

// By address: recordings are never destroyed.
thread_local const Recording* known_recording = nullptr;
thread_local ThreadLog* own_log = nullptr;

constexpr int kIndexBits = 40;  // of an operator's number; the rest is its log's

/// All logs that ever were, none of which is destroyed; the first has number 1.
struct AllLogs {
  std::mutex mutex;
  std::vector<ThreadLog*> logs;
};

AllLogs& all_logs() {
  static auto* const all = new AllLogs();
  return *all;
}

/// Marks the calling thread's log as written to, or holds none where no recording is active.
class Writing {
 public:
  Writing() : recording_(active_recording.load(std::memory_order_acquire)) {
    if (recording_ == nullptr) return;
    log_ = &log_of(*recording_);
    // Stored before the second look, as `activate` clears the recording before it looks at `busy`.
    log_->busy.store(true, std::memory_order_seq_cst);
    if (active_recording.load(std::memory_order_seq_cst) == recording_) return;
    log_->busy.store(false, std::memory_order_release);
    log_ = nullptr;
  }
  ~Writing() {
    if (log_ != nullptr) log_->busy.store(false, std::memory_order_release);
  }
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;
  ThreadLog* log() const { return log_; }
  Recording& recording() const { return *recording_; }

 private:
  Recording* recording_;
  ThreadLog* log_ = nullptr;
};

/// Bytes that went to the watched standard output so far.
std::int64_t output_position(int descriptor) {
  std::fflush(stdout);
  return ::lseek(descriptor, 0, SEEK_CUR);
}

/// `sizes` gets: number of tensors, then of each its type, number of dimensions and sizes; then the number of
/// flags and each.
void note_inputs(const Recording& recording, ThreadLog& log, RawOperator& record,
                 c10::ArrayRef<const c10::IValue> inputs) {
  record.inputs = static_cast<std::int64_t>(log.sizes.size());
  log.sizes.push_back(0);
  std::int64_t tensors = 0;
  for (std::size_t i = 0; i < inputs.size() && i < kMostInputs && tensors < kMostTensors; ++i) {
    if (!inputs[i].isTensor()) continue;
    const at::Tensor& tensor = inputs[i].toTensor();
    if (!tensor.defined()) continue;
    ++tensors;
    log.sizes.push_back(static_cast<std::int64_t>(tensor.scalar_type()));
    const c10::IntArrayRef sizes = tensor.sizes();
    log.sizes.push_back(static_cast<std::int64_t>(sizes.size()));
    log.sizes.insert(log.sizes.end(), sizes.begin(), sizes.end());
    if (record.sequence < 0 || record.layer >= 0) continue;
    const auto layer = recording.layer_of.find(tensor.unsafeGetTensorImpl());
    if (layer != recording.layer_of.end()) record.layer = layer->second;
  }
  log.sizes[static_cast<std::size_t>(record.inputs)] = tensors;
  const bool has_flags =
      record.name == log.convolution_backward && !inputs.empty() && inputs.back().isBoolList();
  log.sizes.push_back(0);
  if (!has_flags) return;
  const c10::List<bool> flags = inputs.back().toBoolList();
  log.sizes.back() = static_cast<std::int64_t>(flags.size());
  for (const bool flag : flags) log.sizes.push_back(flag ? 1 : 0);
}

/// Some tensors have no sizes (nested ones) and throw: their operator is recorded without inputs.
void note_known_inputs(const Recording& recording, ThreadLog& log, RawOperator& record,
                       c10::ArrayRef<const c10::IValue> inputs) {
  const std::size_t before = log.sizes.size();
  try {
    note_inputs(recording, log, record, inputs);
  } catch (const c10::Error&) {
    log.sizes.resize(before);
    record.inputs = -1;
  }
}

/// A thread's log of a recording, made where there is none.
ThreadLog& known_log(Recording& recording, std::uint64_t record_thread) {
  const std::lock_guard lock(recording.mutex);
  for (const auto& log : recording.logs) {
    if (log->record_thread == record_thread) return *log;
  }
  auto made = std::make_unique<ThreadLog>();
  made->record_thread = record_thread;
  made->system_id = ::syscall(SYS_gettid);
  made->convolution_backward = made->names.id("aten::convolution_backward");
  made->open.reserve(kUsualDepth);
  made->sizes.reserve(std::size_t{1} << 18);
  {
    const std::lock_guard all_lock(all_logs().mutex);
    all_logs().logs.push_back(made.get());
    made->number = all_logs().logs.size();
  }
  recording.logs.push_back(std::move(made));
  return *recording.logs.back();
}

OperatorKind kind_of(at::RecordScope scope) {
  if (scope == at::RecordScope::BACKWARD_FUNCTION) return OperatorKind::backward;
  return scope == at::RecordScope::USER_SCOPE ? OperatorKind::scope : OperatorKind::function;
}

void open_operator(const Recording& recording, ThreadLog& log, const at::RecordFunction& function) {
  const auto index = static_cast<Index>(log.operators.size());
  RawOperator& record = log.operators.add();
  record.name = log.names.id(function.name());
  record.parent = log.open.empty() ? kNone : log.open.back();
  record.sequence = function.seqNr();
  record.kind = kind_of(function.scope());
  if (record.kind == OperatorKind::backward) record.forward_thread = function.forwardThreadId();
  if (recording.inputs) note_known_inputs(recording, log, record, function.inputs());
  if (recording.output_descriptor >= 0) record.output.begin_ns = output_position(recording.output_descriptor);
  log.open.push_back(index);
  if (const OperatorFollower* follower = current_follower.load(std::memory_order_acquire))
    follower->begin(innermost_operator());
  record.time.begin_ns = monotonic_ns();
}

}  // namespace

NameId NameCache::id(const char* name) {
  const auto address = reinterpret_cast<std::uintptr_t>(name);
  Slot& slot = slots_[(address ^ address >> 11) % slots_.size()];
  if (slot.pointer == name && table_.text(slot.id) == name) return slot.id;
  slot = {.pointer = name, .id = table_.id(name)};
  return slot.id;
}

ThreadLog& log_of(Recording& recording) {
  if (known_recording == &recording) return *own_log;
  own_log = &known_log(recording, at::RecordFunction::currentThreadId());
  known_recording = &recording;
  return *own_log;
}

std::uint64_t innermost_operator() noexcept {
  const Recording* const active = active_recording.load(std::memory_order_acquire);
  if (active == nullptr || known_recording != active) return 0;
  if (own_log->open.empty() || own_log->open.back() == kNone) return 0;
  return own_log->number << kIndexBits | static_cast<std::uint64_t>(own_log->open.back());
}

void set_follower(const OperatorFollower* follower) noexcept {
  current_follower.store(follower, std::memory_order_release);
}

Index place_in_profile(std::uint64_t operator_number) {
  const std::uint64_t number = operator_number >> kIndexBits;
  const std::uint64_t index = operator_number & ((std::uint64_t{1} << kIndexBits) - 1);
  const std::lock_guard lock(all_logs().mutex);
  if (number == 0 || number > all_logs().logs.size()) return kNone;
  const std::vector<Index>& places = all_logs().logs[number - 1]->places;
  return index < places.size() ? places[index] : kNone;
}

Recording& new_recording() {
  static auto* const all = new std::vector<std::unique_ptr<Recording>>();
  return *all->emplace_back(std::make_unique<Recording>());
}

void release(Recording& recording) {
  const std::lock_guard lock(recording.mutex);
  for (const auto& log : recording.logs) {
    log->operators = OperatorLog();
    log->sizes = std::vector<std::int64_t>();
    log->memory = std::vector<MemoryEvent>();
  }
}

void activate(Recording* recording) {
  if (recording != nullptr) {
    if (active_recording.load() != nullptr) throw std::logic_error("Two recorders cannot run at once.");
    active_recording.store(recording, std::memory_order_seq_cst);
    return;
  }
  Recording* const before = active_recording.exchange(nullptr, std::memory_order_seq_cst);
  if (before == nullptr) return;
  const std::lock_guard lock(before->mutex);
  for (const auto& log : before->logs) {
    while (log->busy.load(std::memory_order_acquire)) std::this_thread::yield();
  }
}

std::unique_ptr<at::ObserverContext> begin_operator(const at::RecordFunction& function) {
  // An asynchronous scope may end on another thread, and a stack of one thread cannot hold it.
  if (function.isAsync()) return nullptr;
  const Writing writing;
  if (writing.log() == nullptr) return nullptr;
  std::vector<Index>& open = writing.log()->open;
  const std::size_t depth = open.size();
  try {
    open_operator(writing.recording(), *writing.log(), function);
  } catch (...) {
    // LibTorch would log it and go on, and ask for the end all the same.
    ++writing.recording().faults;
    if (open.size() == depth) open.push_back(kNone);
  }
  return nullptr;
}

void end_operator(const at::RecordFunction& function, at::ObserverContext* /*context*/) {
  const std::int64_t now = monotonic_ns();
  if (function.isAsync()) return;
  const Writing writing;
  // Empty: the operator began before the recording did.
  if (writing.log() == nullptr || writing.log()->open.empty()) return;
  ThreadLog& log = *writing.log();
  const Index index = log.open.back();
  log.open.pop_back();
  if (index == kNone) return;
  RawOperator& record = log.operators.at(static_cast<std::size_t>(index));
  if (const OperatorFollower* follower = current_follower.load(std::memory_order_acquire)) follower->end();
  record.time.end_ns = now;
  if (writing.recording().output_descriptor >= 0)
    record.output.end_ns = output_position(writing.recording().output_descriptor);
}

}  // namespace trainbench::profile
