#include "src/profile/closure.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

#include "src/profile/intervals.hpp"

namespace trainbench::profile {
namespace {

using RowKey = std::pair<StepPhase, std::string>;

void add_operators(const Profile& profile, const std::vector<OperatorPlace>& places,
                   std::map<RowKey, HostRow>& rows) {
  for (std::size_t i = 0; i < profile.operators.size(); ++i) {
    if (profile.operators[i].thread != profile.main_thread || places[i].total_ns == 0) continue;
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

Steadiness steadiness_of(const Profile& profile) {
  std::vector<std::map<NameId, std::int64_t>> counts(profile.steps.size());
  Steadiness result;
  for (const OperatorRecord& record : profile.operators) {
    const auto behind = std::upper_bound(profile.steps.begin(), profile.steps.end(), record.time.begin_ns,
                                         [](std::int64_t t, const Span& step) { return t < step.begin_ns; });
    if (behind == profile.steps.begin() || record.time.begin_ns >= std::prev(behind)->end_ns) continue;
    const auto step = static_cast<std::size_t>(std::distance(profile.steps.begin(), behind)) - 1;
    ++counts[step][record.name];
    if (step == 0) ++result.operators_per_step;
  }
  for (std::size_t i = 1; i < counts.size() && result.steady; ++i) {
    if (counts[i] == counts[0]) continue;
    result.steady = false;
    result.first_unlike = i;
    std::map<NameId, std::int64_t> change = counts[i];
    for (const auto& [name, count] : counts[0]) change[name] -= count;
    for (const auto& [name, count] : change) {
      if (count != 0) result.operator_name = profile.names.text(name);
    }
  }
  return result;
}

}  // namespace trainbench::profile
