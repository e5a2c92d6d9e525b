#include "report/profile/profile_kineto.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "report/profile/profile_trace_events.hpp"
#include "src/base/errors.hpp"
#include "src/profile/memory.hpp"

namespace trainbench::report {
namespace {

using namespace profile;  // NOLINT: this file translates between the two

constexpr std::string_view kWrapper = "autograd::engine::evaluate_function: ";

struct RawOperator {
  OperatorRecord record;
  std::int64_t external_id = -1;
  std::size_t order = 0;
};

class KinetoReader {
 public:
  void take(const TraceEvent& event) {
    if (event.is_instant) {
      if (event.name == "[memory]") take_memory(event);
    } else if (event.category == "cpu_op") {
      take_operator(event, OperatorKind::function);
    } else if (event.category == "user_annotation") {
      take_annotation(event);
    } else if (event.category == "kernel") {
      take_gpu(event, GpuKind::kernel);
    } else if (event.category == "gpu_memcpy") {
      take_gpu(event, GpuKind::copy);
    } else if (event.category == "gpu_memset") {
      take_gpu(event, GpuKind::set);
    } else if (event.category == "cuda_runtime" || event.category == "cuda_driver") {
      take_call(event);
    } else if (event.category == "overhead") {
      profile_.overheads.push_back({.name = profile_.names.id(event.name), .time = span_of(event)});
    }
  }

  Profile finish() {
    choose_main_thread();
    place_operators();
    mark_backward_nodes();
    connect_gpu();
    set_steps_and_phases();
    set_allocations();
    return std::move(profile_);
  }

  bool has_operators() const { return !operators_.empty(); }

 private:
  static Span span_of(const TraceEvent& event) {
    return {event.begin_ns, event.begin_ns + std::max<std::int64_t>(event.length_ns, 0)};
  }

  /// "[1, 2, 3]" to "1x2x3".
  static std::string sizes_in(std::string_view list) {
    std::string text;
    for (const char c : list) {
      if (c == ',') text += 'x';
      if (c >= '0' && c <= '9') text += c;
    }
    return text;
  }

  Index thread_of(const TraceEvent& event) {
    const std::string key = fmt::format("{}/{}", event.process, event.thread);
    const auto [found, is_new] = threads_.try_emplace(key, static_cast<Index>(profile_.threads.size()));
    if (is_new) {
      profile_.threads.push_back({.name = key, .system_id = static_cast<std::int64_t>(threads_.size())});
    }
    return found->second;
  }

  void take_operator(const TraceEvent& event, OperatorKind kind) {
    OperatorRecord record{.name = profile_.names.id(event.name),
                          .thread = thread_of(event),
                          .time = span_of(event),
                          .sequence = number_argument(event.arguments, "Sequence number", -1),
                          .kind = kind};
    record.inputs = profile_.names.id(inputs_from(event.arguments));
    operators_.push_back({.record = record,
                          .external_id = number_argument(event.arguments, "External id", -1),
                          .order = operators_.size()});
  }

  void take_annotation(const TraceEvent& event) {
    if (event.name.starts_with("ProfilerStep#")) {
      steps_.emplace_back(thread_of(event), span_of(event));
    } else if (event.name.starts_with("Optimizer.")) {
      phases_.push_back({StepPhase::optimizer, span_of(event)});
    } else if (event.name.starts_with("enumerate(DataLoader)")) {
      phases_.push_back({StepPhase::load, span_of(event)});
    } else {
      take_operator(event, OperatorKind::scope);
    }
  }

  void take_gpu(const TraceEvent& event, GpuKind kind) {
    GpuRecord record{.kind = kind,
                     .name = profile_.names.id(event.name),
                     .device = static_cast<Index>(number_argument(event.arguments, "device", 0)),
                     .stream = static_cast<Index>(number_argument(event.arguments, "stream", 0)),
                     .time = span_of(event)};
    record.correlation = static_cast<std::uint32_t>(number_argument(event.arguments, "correlation", 0));
    record.graph_node = static_cast<std::uint64_t>(number_argument(event.arguments, "graph node id", 0));
    record.bytes = number_argument(event.arguments, "bytes", 0);
    record.pageable = event.name.find("Pageable") != std::string::npos;
    const std::string_view grid = argument(event.arguments, "grid");
    const std::string_view block = argument(event.arguments, "block");
    if (!grid.empty())
      record.geometry = profile_.names.id(fmt::format("grid {} block {}", sizes_in(grid), sizes_in(block)));
    if (event.length_ns < 0) ++profile_.losses.untimed;
    profile_.gpu.push_back(record);
    gpu_external_ids_.push_back(number_argument(event.arguments, "External id", -1));
  }

  void take_call(const TraceEvent& event) {
    if (event.name.find("Synchronize") != std::string::npos)
      profile_.syncs.push_back({.name = profile_.names.id(event.name), .time = span_of(event)});
    const std::int64_t correlation = number_argument(event.arguments, "correlation", 0);
    LaunchRecord record{
        .api = profile_.names.id(event.name), .thread = thread_of(event), .time = span_of(event)};
    record.correlation = static_cast<std::uint32_t>(correlation);
    calls_.push_back({record, number_argument(event.arguments, "External id", -1)});
  }

  void take_memory(const TraceEvent& event) {
    const bool host = number_argument(event.arguments, "Device Type", 0) == 0;
    const std::int64_t address = number_argument(event.arguments, "Addr", 0);
    const auto device = static_cast<Index>(number_argument(event.arguments, "Device Id", 0));
    memory_.emplace_back(thread_of(event), MemoryEvent{.address = static_cast<std::uint64_t>(address),
                                                       .bytes = number_argument(event.arguments, "Bytes", 0),
                                                       .time_ns = event.begin_ns,
                                                       .device = host ? kHostMemory : device});
  }

  /// The innermost operator of a thread at a time. Those of a thread stand together, by their begin.
  Index operator_at(Index thread, std::int64_t time_ns) {
    const auto behind = std::upper_bound(
        profile_.operators.begin(), profile_.operators.end(), std::pair(thread, time_ns),
        [](const auto& key, const OperatorRecord& r) { return key < std::pair(r.thread, r.time.begin_ns); });
    if (behind == profile_.operators.begin() || std::prev(behind)->thread != thread) return kNone;
    auto index = static_cast<Index>(std::distance(profile_.operators.begin(), behind)) - 1;
    while (index != kNone && at(index).time.end_ns <= time_ns) index = at(index).parent;
    return index;
  }

  /// Of a trace that was recorded with profile_memory=True.
  void set_allocations() {
    std::vector<MemoryEvent> events;
    for (auto& [thread, event] : memory_) {
      event.caller = operator_at(thread, event.time_ns);
      events.push_back(event);
    }
    std::stable_sort(events.begin(), events.end(),
                     [](const MemoryEvent& a, const MemoryEvent& b) { return a.time_ns < b.time_ns; });
    profile_.allocations = lives_of(events, {}, profile_);
  }

  void choose_main_thread() {
    std::map<Index, std::int64_t> weight;
    for (const auto& [thread, span] : steps_) ++weight[thread];
    if (weight.empty()) {
      for (const RawOperator& raw : operators_) ++weight[raw.record.thread];
    }
    std::int64_t most = 0;
    for (const auto& [thread, count] : weight) {
      if (count > most) profile_.main_thread = thread;
      most = std::max(most, count);
    }
  }

  /// Callers before callees, by containment on each thread. Where rounding lets two overlap, the later one is
  /// cut to its caller's end.
  void place_operators() {
    std::sort(operators_.begin(), operators_.end(), [](const RawOperator& a, const RawOperator& b) {
      const auto key = [](const RawOperator& raw) {
        return std::tuple(raw.record.thread, raw.record.time.begin_ns, -raw.record.time.end_ns, raw.order);
      };
      return key(a) < key(b);
    });
    std::vector<Index> open;
    for (RawOperator& raw : operators_) {
      OperatorRecord& record = raw.record;
      while (!open.empty() &&
             (at(open.back()).thread != record.thread || at(open.back()).time.end_ns <= record.time.begin_ns))
        open.pop_back();
      if (!open.empty()) {
        record.parent = open.back();
        record.time.end_ns = std::min(record.time.end_ns, at(open.back()).time.end_ns);
      }
      const auto index = static_cast<Index>(profile_.operators.size());
      if (raw.external_id >= 0) by_external_id_[raw.external_id] = index;
      profile_.operators.push_back(record);
      open.push_back(index);
    }
  }

  OperatorRecord& at(Index index) { return profile_.operators[static_cast<std::size_t>(index)]; }

  /// A node stands in the engine's wrapper of its name. Sequence numbers are per forward thread, which a
  /// trace gives in numbers of another kind: one training thread is taken for granted.
  void mark_backward_nodes() {
    for (OperatorRecord& record : profile_.operators) {
      if (record.parent == kNone) continue;
      const std::string& name = profile_.names.text(record.name);
      const std::string& caller = profile_.names.text(at(record.parent).name);
      if (!caller.starts_with(kWrapper) || caller.substr(kWrapper.size()) != name) continue;
      record.kind = OperatorKind::backward;
      if (record.sequence >= 0) record.forward_thread = profile_.main_thread;
    }
  }

  Index operator_of(std::int64_t external_id) const {
    const auto found = by_external_id_.find(external_id);
    return found == by_external_id_.end() ? kNone : found->second;
  }

  void connect_gpu() {
    std::unordered_map<std::uint32_t, Index> launches;
    for (const GpuRecord& record : profile_.gpu) launches[record.correlation] = kNone;
    for (auto& [record, external_id] : calls_) {
      const auto wanted = launches.find(record.correlation);
      // A runtime call wraps a driver call of the same correlation: the first recorded one stands for both.
      if (wanted == launches.end() || wanted->second != kNone) continue;
      record.caller = operator_of(external_id);
      wanted->second = static_cast<Index>(profile_.launches.size());
      profile_.launches.push_back(record);
    }
    for (std::size_t i = 0; i < profile_.gpu.size(); ++i) {
      GpuRecord& record = profile_.gpu[i];
      record.launch = launches[record.correlation];
      record.caller = operator_of(gpu_external_ids_[i]);
      if (record.caller == kNone && record.launch != kNone)
        record.caller = profile_.launches[static_cast<std::size_t>(record.launch)].caller;
      if (record.caller == kNone) ++profile_.losses.unattributed;
    }
  }

  void set_steps_and_phases() {
    for (const auto& [thread, span] : steps_) {
      if (thread == profile_.main_thread) profile_.steps.push_back(span);
    }
    keep_apart(profile_.steps, [](const Span& span) { return span; });
    add_backward_phases();
    keep_apart(phases_, [](const PhaseRecord& record) { return record.time; });
    add_forward_phases();
    profile_.phases = std::move(phases_);
  }

  /// Sorted by time; one that begins before the one before has ended goes.
  template <class Record, class TimeOf>
  static void keep_apart(std::vector<Record>& records, TimeOf time_of) {
    std::stable_sort(records.begin(), records.end(), [&](const Record& a, const Record& b) {
      return time_of(a).begin_ns < time_of(b).begin_ns;
    });
    std::int64_t end = INT64_MIN;
    std::erase_if(records, [&](const Record& record) {
      if (time_of(record).begin_ns < end) return true;
      end = time_of(record).end_ns;
      return false;
    });
  }

  std::vector<Span> steps_or_window() const {
    return profile_.steps.empty() ? std::vector<Span>{window_of(profile_)} : profile_.steps;
  }

  void add_backward_phases() {
    const std::vector<Span> steps = steps_or_window();
    std::vector<Span> hulls(steps.size(), Span{INT64_MAX, INT64_MIN});
    for (const OperatorRecord& record : profile_.operators) {
      if (record.parent != kNone || !profile_.names.text(record.name).starts_with(kWrapper)) continue;
      for (std::size_t i = 0; i < steps.size(); ++i) {
        if (record.time.begin_ns < steps[i].begin_ns || record.time.end_ns > steps[i].end_ns) continue;
        hulls[i].begin_ns = std::min(hulls[i].begin_ns, record.time.begin_ns);
        hulls[i].end_ns = std::max(hulls[i].end_ns, record.time.end_ns);
      }
    }
    // Without steps the hull would hold every phase of the trace.
    if (profile_.steps.empty()) return;
    for (const Span& hull : hulls) {
      if (hull.begin_ns < hull.end_ns) phases_.push_back({StepPhase::backward, hull});
    }
  }

  void add_forward_phases() {
    std::vector<PhaseRecord> forward;
    for (std::size_t i = 0; i < phases_.size(); ++i) {
      if (phases_[i].phase != StepPhase::backward) continue;
      const std::int64_t end = phases_[i].time.begin_ns;
      std::int64_t begin = i > 0 ? phases_[i - 1].time.end_ns : INT64_MIN;
      for (const Span& step : profile_.steps) {
        if (step.begin_ns <= end) begin = std::max(begin, std::min(step.begin_ns, end));
      }
      if (begin < end && begin != INT64_MIN) forward.push_back({StepPhase::forward, {begin, end}});
    }
    phases_.insert(phases_.end(), forward.begin(), forward.end());
    keep_apart(phases_, [](const PhaseRecord& record) { return record.time; });
  }

  Profile profile_;
  std::map<std::string, Index> threads_;
  std::vector<RawOperator> operators_;
  std::vector<std::pair<Index, Span>> steps_;
  std::vector<PhaseRecord> phases_;
  std::vector<std::int64_t> gpu_external_ids_;
  std::vector<std::pair<LaunchRecord, std::int64_t>> calls_;
  std::vector<std::pair<Index, MemoryEvent>> memory_;  // and its thread
  std::unordered_map<std::int64_t, Index> by_external_id_;
};

}  // namespace

bool is_trace(std::string_view text) {
  constexpr std::size_t kLook = 65536;
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return false;
  if (text[first] == '[') return text.substr(0, kLook).find("\"ph\"") != std::string_view::npos;
  const std::string_view end = text.substr(text.size() > kLook ? text.size() - kLook : 0);
  return text[first] == '{' && (text.substr(0, kLook).find("\"traceEvents\"") != std::string_view::npos ||
                                end.find("\"traceEvents\"") != std::string_view::npos);
}

Profile profile_from_trace(std::string_view text, std::string_view source, std::string_view name) {
  KinetoReader reader;
  for_each_event(text, source, [&](const TraceEvent& event) { reader.take(event); });
  if (!reader.has_operators()) {
    throw InputError(fmt::format("{} is a trace without operators (category 'cpu_op'): record it with "
                                 "activities=[ProfilerActivity.CPU, ...].",
                                 source),
                     ExitCode::unreadable);
  }
  Profile profile = reader.finish();
  profile.benchmark = name;
  profile.recorded_by = "Kineto";
  if (const std::string gpus = gpus_of_trace(text); !gpus.empty()) profile.machine["gpu"] = gpus;
  try {
    require_consistent(profile);
  } catch (const std::logic_error& error) {
    throw InputError(fmt::format("{} is a trace that contradicts itself: {}", source, error.what()),
                     ExitCode::unreadable);
  }
  return profile;
}

}  // namespace trainbench::report
