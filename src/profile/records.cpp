#include "src/profile/records.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace trainbench::profile {
namespace {

[[noreturn]] void contradict(std::string_view kind, std::size_t index, std::string_view what) {
  throw std::logic_error(fmt::format("{} {} {}.", kind, index, what));
}

bool is_index(Index index, std::size_t size) {
  return index == kNone || (index >= 0 && static_cast<std::size_t>(index) < size);
}

void require_operator(const Profile& profile, std::size_t i) {
  const OperatorRecord& record = profile.operators[i];
  const auto names = static_cast<NameId>(profile.names.size());
  if (std::max({record.name, record.layer, record.inputs, record.implementation}) >= names)
    contradict("Operator", i, "has a name that is not in the table");
  if (record.thread < 0 || !is_index(record.thread, profile.threads.size()))
    contradict("Operator", i, fmt::format("is of thread {}, which does not exist", record.thread));
  if (record.time.length() < 0) contradict("Operator", i, "ends before it begins");
  if (record.parent == kNone) return;
  if (record.parent < 0 || static_cast<std::size_t>(record.parent) >= i)
    contradict("Operator", i, fmt::format("stands before its parent {}", record.parent));
  const OperatorRecord& parent = profile.operators[static_cast<std::size_t>(record.parent)];
  if (parent.thread != record.thread) contradict("Operator", i, "has its parent on another thread");
  if (record.time.begin_ns < parent.time.begin_ns || record.time.end_ns > parent.time.end_ns)
    contradict("Operator", i, fmt::format("is not inside its parent {}", record.parent));
}

/// Of one thread: an operator begins where the one before, its parent aside, has ended.
void require_siblings_apart(const Profile& profile) {
  std::vector<std::int64_t> last_end(profile.threads.size() + profile.operators.size(), INT64_MIN);
  for (std::size_t i = 0; i < profile.operators.size(); ++i) {
    const OperatorRecord& record = profile.operators[i];
    // One entry per thread for operators without parent, and one per parent.
    const std::size_t family = record.parent == kNone
                                   ? static_cast<std::size_t>(record.thread)
                                   : profile.threads.size() + static_cast<std::size_t>(record.parent);
    if (record.time.begin_ns < last_end[family]) contradict("Operator", i, "overlaps the one before");
    last_end[family] = record.time.end_ns;
  }
}

void require_device_side(const Profile& profile) {
  for (std::size_t i = 0; i < profile.gpu.size(); ++i) {
    const GpuRecord& record = profile.gpu[i];
    if (record.time.length() < 0) contradict("GPU record", i, "ends before it begins");
    if (!is_index(record.launch, profile.launches.size()) ||
        !is_index(record.caller, profile.operators.size()))
      contradict("GPU record", i, "has a launch or an operator that does not exist");
    if (std::max(record.name, record.geometry) >= profile.names.size())
      contradict("GPU record", i, "has a name that is not in the table");
  }
  for (std::size_t i = 0; i < profile.launches.size(); ++i) {
    if (!is_index(profile.launches[i].caller, profile.operators.size()))
      contradict("Launch", i, "has an operator that does not exist");
    const LaunchRecord& launch = profile.launches[i];
    if (launch.api >= profile.names.size()) contradict("Launch", i, "has a name that is not in the table");
    if (launch.thread < 0 || !is_index(launch.thread, profile.threads.size()))
      contradict("Launch", i, fmt::format("is of thread {}, which does not exist", launch.thread));
  }
}

void require_in_order(const Profile& profile) {
  for (std::size_t i = 0; i < profile.steps.size(); ++i) {
    if (profile.steps[i].length() < 0) contradict("Step", i, "ends before it begins");
    if (i > 0 && profile.steps[i].begin_ns < profile.steps[i - 1].end_ns)
      contradict("Step", i, "begins before the one before has ended");
  }
  for (std::size_t i = 0; i < profile.phases.size(); ++i) {
    if (profile.phases[i].time.length() < 0) contradict("Phase", i, "ends before it begins");
    if (i > 0 && profile.phases[i].time.begin_ns < profile.phases[i - 1].time.end_ns)
      contradict("Phase", i, "begins before the one before has ended");
  }
}

/// No sum over the records of some hundred profiles overflows then.
void require_countable(const Profile& profile) {
  constexpr double kMost = 0x1p55;
  double bytes = 0;
  auto ns = static_cast<double>(window_of(profile).length());
  const auto add = [&](const auto& records) {
    for (const auto& record : records) ns += std::abs(static_cast<double>(record.time.length()));
  };
  add(profile.phases);
  add(profile.operators);
  add(profile.launches);
  add(profile.gpu);
  add(profile.overheads);
  add(profile.syncs);
  for (const GpuRecord& record : profile.gpu) bytes += std::abs(static_cast<double>(record.bytes));
  for (const AllocationRecord& record : profile.allocations)
    bytes += std::abs(static_cast<double>(record.bytes));
  if (ns > kMost || bytes > kMost)
    throw std::logic_error("The records' times or bytes add up to more than a recording can hold.");
}

}  // namespace

std::string_view to_string(StepPhase phase) noexcept {
  switch (phase) {
    case StepPhase::none:
      return "none";
    case StepPhase::load:
      return "load";
    case StepPhase::forward:
      return "forward";
    case StepPhase::loss:
      return "loss";
    case StepPhase::backward:
      return "backward";
    case StepPhase::optimizer:
      return "optimizer";
  }
  return "";
}

std::string_view to_string(MemoryClass memory_class) noexcept {
  switch (memory_class) {
    case MemoryClass::weights:
      return "weights";
    case MemoryClass::gradients:
      return "gradients";
    case MemoryClass::optimizer_state:
      return "optimizer state";
    case MemoryClass::inputs:
      return "inputs";
    case MemoryClass::activations:
      return "activations";
    case MemoryClass::workspace:
      return "workspace";
    case MemoryClass::setup:
      return "made before the steps";
  }
  return "";
}

std::string to_string(const Losses& losses) {
  return fmt::format("dropped {}, without times {}, without operator {}, beyond the recorder's limit {}",
                     losses.dropped, losses.untimed, losses.unattributed, losses.truncated);
}

Span window_of(const Profile& profile) {
  if (!profile.steps.empty()) return {profile.steps.front().begin_ns, profile.steps.back().end_ns};
  Span hull{INT64_MAX, INT64_MIN};
  for (const OperatorRecord& record : profile.operators) {
    if (record.thread != profile.main_thread) continue;
    hull.begin_ns = std::min(hull.begin_ns, record.time.begin_ns);
    hull.end_ns = std::max(hull.end_ns, record.time.end_ns);
  }
  return hull.begin_ns > hull.end_ns ? Span{} : hull;
}

std::int64_t training_steps_of(const Profile& profile) {
  const std::int64_t spans = std::ssize(profile.steps);
  return std::max<std::int64_t>(1, profile.training_steps > 0 ? profile.training_steps : spans);
}

std::optional<std::string> fault_of(const Losses& losses, const std::optional<DoubleEntry>& double_entry) {
  if (losses.total() != 0) return fmt::format("records were lost ({})", to_string(losses));
  if (!double_entry || double_entry->alike == double_entry->records) return std::nullopt;
  return fmt::format("two mechanisms attributed {} of {} GPU records unlike",
                     double_entry->records - double_entry->alike, double_entry->records);
}

void require_consistent(const Profile& profile) {
  require_in_order(profile);
  for (std::size_t i = 0; i < profile.operators.size(); ++i) require_operator(profile, i);
  require_siblings_apart(profile);
  require_device_side(profile);
  if (!profile.threads.empty() &&
      (profile.main_thread < 0 || !is_index(profile.main_thread, profile.threads.size())))
    contradict("The main thread", static_cast<std::size_t>(profile.main_thread), "does not exist");
  for (std::size_t i = 0; i < profile.allocations.size(); ++i) {
    if (!is_index(profile.allocations[i].caller, profile.operators.size()))
      contradict("Allocation", i, "has an operator that does not exist");
    if (profile.allocations[i].time.end_ns < profile.allocations[i].time.begin_ns)
      contradict("Allocation", i, "ends before it begins");
  }
  require_countable(profile);
}

}  // namespace trainbench::profile
