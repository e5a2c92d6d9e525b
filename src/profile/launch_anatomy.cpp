#include "src/profile/launch_anatomy.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "src/profile/device_time.hpp"
#include "src/profile/intervals.hpp"

namespace trainbench::profile {
namespace {

/// The first record of each launch.
std::unordered_map<Index, const GpuRecord*> first_records(const Profile& profile) {
  std::unordered_map<Index, const GpuRecord*> first;
  for (const GpuRecord& record : profile.gpu) {
    if (record.launch == kNone) continue;
    const GpuRecord*& known = first[record.launch];
    if (known == nullptr || record.time.begin_ns < known->time.begin_ns) known = &record;
  }
  return first;
}

}  // namespace

std::vector<LaunchRow> launch_rows(const Profile& profile, const std::vector<OperatorPlace>& places) {
  const Span window = window_of(profile);
  KernelLabels labels(profile, places);
  std::map<std::tuple<std::string, std::string, StepPhase>, LaunchRow> rows;
  for (const auto& [launch, record] : first_records(profile)) {
    if (record->kind != GpuKind::kernel || !begins_in(window, record->time)) continue;
    const KernelLabel label = labels.of(*record);
    LaunchRow& row = rows[{label.kernel, label.operator_name, label.phase}];
    row.kernel = label.kernel;
    row.operator_name = label.operator_name;
    row.phase = label.phase;
    const Span& call = profile.launches[at(launch)].time;
    ++row.calls;
    row.api_ns += call.length();
    row.queue_ns += std::max<std::int64_t>(0, record->time.begin_ns - call.end_ns);
    row.kernel_ns += record->time.length();
  }
  std::vector<LaunchRow> sorted;
  sorted.reserve(rows.size());
  for (auto& [key, row] : rows) sorted.push_back(std::move(row));
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const LaunchRow& a, const LaunchRow& b) { return a.api_ns > b.api_ns; });
  return sorted;
}

std::map<std::int64_t, std::int64_t> queue_depths(const Profile& profile, Index device) {
  const Span window = window_of(profile);
  std::map<std::int64_t, std::int64_t> changes = {{window.end_ns, 0}};
  for (const auto& [launch, record] : first_records(profile)) {
    const Span queued = clipped({profile.launches[at(launch)].time.end_ns, record->time.begin_ns}, window);
    if (record->device != device || queued.length() <= 0) continue;
    ++changes[queued.begin_ns];
    --changes[queued.end_ns];
  }
  std::map<std::int64_t, std::int64_t> depths;
  std::int64_t depth = 0;
  std::int64_t since = window.begin_ns;
  for (const auto& [time_ns, change] : changes) {
    if (time_ns > since) depths[depth] += time_ns - since;
    since = time_ns;
    depth += change;
  }
  return depths;
}

std::optional<std::int64_t> median_depth(const std::map<std::int64_t, std::int64_t>& depths) {
  std::int64_t all = 0;
  for (const auto& [depth, ns] : depths) all += ns;
  std::int64_t so_far = 0;
  for (const auto& [depth, ns] : depths) {
    so_far += ns;
    if (2 * so_far >= all) return depth;
  }
  return std::nullopt;
}

}  // namespace trainbench::profile
