#include "src/profile/recorder_profile.hpp"

#include <c10/core/ScalarType.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <map>

namespace trainbench::profile {
namespace {

/// "float32" for c10's "Float".
std::string dtype_of(std::int64_t type) {
  switch (static_cast<c10::ScalarType>(type)) {
    case c10::ScalarType::Float:
      return "float32";
    case c10::ScalarType::Double:
      return "float64";
    case c10::ScalarType::Half:
      return "float16";
    case c10::ScalarType::BFloat16:
      return "bfloat16";
    case c10::ScalarType::Long:
      return "int64";
    case c10::ScalarType::Int:
      return "int32";
    case c10::ScalarType::Byte:
      return "uint8";
    case c10::ScalarType::Bool:
      return "bool";
    default:  // c10 has some forty more, few of which a training step sees
      return c10::toString(static_cast<c10::ScalarType>(type));
  }
}

/// "layer1.0.conv1" of "layer1.0.conv1.weight".
std::string module_of(const std::string& parameter) {
  const std::size_t point = parameter.rfind('.');
  return point == std::string::npos ? parameter : parameter.substr(0, point);
}

class ProfileBuilder {
 public:
  explicit ProfileBuilder(Recording& recording) : recording_(recording) {}

  Profile run(const std::vector<Span>& steps, const std::vector<PhaseRecord>& phases,
              const std::vector<KnownBlock>& known) {
    profile_.recorded_by = "trainbench";
    profile_.losses.truncated = recording_.faults;
    profile_.steps = steps;
    profile_.phases = phases;
    put_main_thread_first();
    for (const auto& log : recording_.logs) {
      thread_of_[log->record_thread] = static_cast<Index>(profile_.threads.size());
      profile_.threads.push_back(
          {.name = profile_.threads.empty() ? "main" : "thread", .system_id = log->system_id});
    }
    for (std::size_t i = 0; i < recording_.logs.size(); ++i)
      add_log(*recording_.logs[i], static_cast<Index>(i));
    std::stable_sort(events_.begin(), events_.end(),
                     [](const MemoryEvent& a, const MemoryEvent& b) { return a.time_ns < b.time_ns; });
    profile_.allocations = lives_of(events_, known, profile_);
    require_consistent(profile_);
    return std::move(profile_);
  }

 private:
  void put_main_thread_first() {
    const std::int64_t own_id = ::syscall(SYS_gettid);
    std::stable_partition(recording_.logs.begin(), recording_.logs.end(),
                          [&](const auto& log) { return log->system_id == own_id; });
  }

  void add_log(ThreadLog& log, Index thread) {
    std::vector<Index>& place = log.places;
    place.assign(log.operators.size(), kNone);
    for (std::size_t i = 0; i < log.operators.size(); ++i) {
      const RawOperator& raw = log.operators.at(i);
      const Index parent = raw.parent == kNone ? kNone : place[static_cast<std::size_t>(raw.parent)];
      if (raw.time.end_ns == 0 || (raw.parent != kNone && parent == kNone)) continue;
      place[i] = static_cast<Index>(profile_.operators.size());
      OperatorRecord record{.name = profile_.names.id(log.names.table().text(raw.name)),
                            .parent = parent,
                            .thread = thread,
                            .time = raw.time,
                            .sequence = raw.sequence,
                            .kind = raw.kind};
      if (const auto found = thread_of_.find(raw.forward_thread);
          raw.kind == OperatorKind::backward && raw.sequence >= 0 && found != thread_of_.end())
        record.forward_thread = found->second;
      if (raw.layer >= 0)
        record.layer = profile_.names.id(recording_.layers[static_cast<std::size_t>(raw.layer)]);
      record.inputs = profile_.names.id(inputs_text(log.sizes, raw.inputs));
      profile_.operators.push_back(record);
    }
    for (MemoryEvent event : log.memory) {
      if (event.caller != kNone) event.caller = place[static_cast<std::size_t>(event.caller)];
      events_.push_back(event);
    }
  }

  Recording& recording_;
  Profile profile_;
  std::map<std::uint64_t, Index> thread_of_;
  std::vector<MemoryEvent> events_;
};

}  // namespace

std::string inputs_text(const std::vector<std::int64_t>& sizes, std::int64_t begin) {
  if (begin < 0) return "";
  auto at = sizes.begin() + begin;
  std::string text;
  for (std::int64_t tensors = *at++; tensors > 0; --tensors) {
    const std::string dtype = dtype_of(*at++);
    const std::int64_t dimensions = *at++;
    text += fmt::format("{}{}[{}]", text.empty() ? "" : " ", dtype, fmt::join(at, at + dimensions, ","));
    at += dimensions;
  }
  const std::int64_t flags = *at++;
  if (flags > 0) text += fmt::format(" outputs({})", fmt::join(at, at + flags, ","));
  return text;
}

void name_layers(Recording& recording, const NamedParameters& parameters) {
  for (const auto& [name, tensor] : parameters) {
    recording.layer_of[tensor.unsafeGetTensorImpl()] = static_cast<std::int32_t>(recording.layers.size());
    recording.layers.push_back(module_of(name));
  }
}

Profile profile_of(Recording& recording, const std::vector<Span>& steps,
                   const std::vector<PhaseRecord>& phases, const std::vector<KnownBlock>& known) {
  return ProfileBuilder(recording).run(steps, phases, known);
}

}  // namespace trainbench::profile
