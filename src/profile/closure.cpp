#include "src/profile/closure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "src/profile/intervals.hpp"

namespace trainbench::profile {
namespace {

using RowKey = std::pair<StepPhase, std::string>;

void add_operators(const Profile& profile, const std::vector<OperatorPlace>& places,
                   std::map<RowKey, HostRow>& rows) {
  for (std::size_t i = 0; i < profile.operators.size(); ++i) {
    if (profile.operators[i].thread != profile.main_thread || !places[i].in_window) continue;
    const std::string name = display_name(profile, places, static_cast<Index>(i));
    HostRow& row = rows[{places[i].phase, name}];
    row.name = name;
    row.phase = places[i].phase;
    ++row.calls;
    row.self_ns += places[i].self_ns;
  }
}

/// Depth-0 operators of the main thread, or of all others.
Intervals operators_on(const Profile& profile, bool main_thread) {
  const Span window = window_of(profile);
  std::vector<Span> spans;
  for (const OperatorRecord& record : profile.operators) {
    if (record.parent == kNone && (record.thread == profile.main_thread) == main_thread)
      spans.push_back(clipped(record.time, window));
  }
  return union_of(spans);
}

void add_uncovered(std::vector<HostRow>& rows, const std::string& name, StepPhase phase,
                   const Intervals& time) {
  if (time.empty()) return;
  rows.push_back({.name = name, .phase = phase, .is_operator = false, .calls = 0, .self_ns = measure(time)});
}

/// How often a step has each (kernel, geometry, operator); of an operator's own calls the first two are none.
using StepContent = std::map<std::tuple<NameId, NameId, NameId>, std::int64_t>;

std::vector<StepContent> contents_of_steps(const Profile& profile, const std::vector<OperatorPlace>& places) {
  const std::vector<Span> spans = profile.steps.empty() ? std::vector{window_of(profile)} : profile.steps;
  std::vector<StepContent> steps(spans.size());
  const auto add = [&](std::int64_t time_ns, const StepContent::key_type& key) {
    const auto behind = std::upper_bound(spans.begin(), spans.end(), time_ns,
                                         [](std::int64_t t, const Span& step) { return t < step.begin_ns; });
    if (behind == spans.begin() || time_ns >= std::prev(behind)->end_ns) return;
    ++steps[static_cast<std::size_t>(std::distance(spans.begin(), behind)) - 1][key];
  };
  const auto is_backward = [&](Index index) {
    return index != kNone && places[at(index)].backward_node != kNone;
  };
  for (std::size_t i = 0; i < profile.operators.size(); ++i) {
    const OperatorRecord& record = profile.operators[i];
    if (record.thread == profile.main_thread || is_backward(static_cast<Index>(i)))
      add(record.time.begin_ns, {kNoName, kNoName, record.name});
  }
  for (const GpuRecord& record : profile.gpu) {
    if (record.launch == kNone) continue;
    const LaunchRecord& launch = profile.launches[at(record.launch)];
    if (launch.thread != profile.main_thread && !is_backward(launch.caller)) continue;
    const NameId caller = record.caller == kNone ? kNoName : profile.operators[at(record.caller)].name;
    add(launch.time.begin_ns, {record.name, record.geometry, caller});
  }
  return steps;
}

std::int64_t count_of(const StepContent& step) {
  std::int64_t operators = 0;
  for (const auto& [key, count] : step) operators += std::get<0>(key) == kNoName ? count : 0;
  return operators;
}

}  // namespace

std::vector<HostRow> host_rows(const Profile& profile, const std::vector<OperatorPlace>& places) {
  std::map<RowKey, HostRow> operators;
  add_operators(profile, places, operators);
  std::vector<HostRow> rows;
  rows.reserve(operators.size());
  for (auto& [key, row] : operators) rows.push_back(std::move(row));

  const Span window = window_of(profile);
  Intervals uncovered = gaps(operators_on(profile, true), window);
  const Intervals others = operators_on(profile, false);
  for (const StepPhase phase : kStepPhases) {
    std::vector<Span> spans;
    for (const PhaseRecord& record : profile.phases) {
      if (record.phase == phase) spans.push_back(record.time);
    }
    const Intervals here = intersection(uncovered, union_of(spans));
    add_uncovered(rows, "(another thread works)", phase, intersection(here, others));
    add_uncovered(rows, "(outside operators)", phase, difference(here, others));
    uncovered = difference(uncovered, here);
  }
  add_uncovered(rows, profile.phases.empty() ? "(outside operators)" : "(between phases)", StepPhase::none,
                uncovered);
  std::stable_sort(rows.begin(), rows.end(),
                   [](const HostRow& a, const HostRow& b) { return a.self_ns > b.self_ns; });
  return rows;
}

std::int64_t covered_ns(const std::vector<HostRow>& rows) {
  std::int64_t sum = 0;
  for (const HostRow& row : rows) sum += row.is_operator ? row.self_ns : 0;
  return sum;
}

std::string change_of(const Steadiness& steadiness) {
  const std::string what = steadiness.kernel.empty()
                               ? fmt::format("calls '{}'", steadiness.operator_name)
                               : fmt::format("launches '{}' of '{}' in one of its geometries",
                                             steadiness.kernel, steadiness.operator_name);
  return fmt::format("step {} {} another number of times than step 0", steadiness.first_unlike, what);
}

Steadiness steadiness_of(const Profile& profile, const std::vector<OperatorPlace>& places) {
  const std::vector<StepContent> steps = contents_of_steps(profile, places);
  Steadiness result;
  result.operators_per_step = count_of(steps.front());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    result.operators += count_of(steps[i]);
    if (!result.steady || steps[i] == steps[0]) continue;
    result.steady = false;
    result.first_unlike = i;
    StepContent change = steps[i];
    for (const auto& [key, count] : steps[0]) change[key] -= count;
    // Operators stand before what they launch.
    const auto unlike =
        std::find_if(change.begin(), change.end(), [](const auto& entry) { return entry.second != 0; });
    const auto& [kernel, geometry, name] = unlike->first;
    result.operator_name = profile.names.text(name);
    result.kernel = profile.names.text(kernel);
  }
  return result;
}

}  // namespace trainbench::profile
