#include "src/profile/device_time.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace trainbench::profile {
namespace {

/// Splits one gap before `next` by cause. `length` of a part counts without what overheads cover.
class GapSplitter {
 public:
  GapSplitter(const Profile& profile, DeviceTime& time) : profile_(profile), time_(time) {
    std::vector<Span> spans;
    for (const OverheadRecord& record : profile.overheads) spans.push_back(record.time);
    overheads_ = union_of(spans);
  }

  void split(const Span& gap, const GpuRecord* next) {
    const Intervals whole = union_of({gap});
    const Intervals rest = difference(whole, overheads_);
    time_.recording_ns += measure(whole) - measure(rest);
    if (next == nullptr) {
      time_.drained_ns += measure(rest);
    } else if (next->launch == kNone) {
      time_.unknown_ns += measure(rest);
    } else {
      by_launch(gap, rest, profile_.launches[static_cast<std::size_t>(next->launch)].time);
    }
  }

 private:
  void by_launch(const Span& gap, const Intervals& rest, const Span& launch) {
    if (launch.begin_ns >= gap.begin_ns) {
      const Intervals waiting = intersection(rest, union_of({{gap.begin_ns, launch.end_ns}}));
      time_.host_bound_ns += measure(waiting);
      time_.launch_latency_ns += measure(rest) - measure(waiting);
    } else {
      (gap.length() <= kBackToBackNs ? time_.back_to_back_ns : time_.dependency_ns) += measure(rest);
    }
  }

  const Profile& profile_;
  DeviceTime& time_;
  Intervals overheads_;
};

}  // namespace

std::int64_t DeviceTime::idle_ns() const {
  return host_bound_ns + launch_latency_ns + back_to_back_ns + dependency_ns + recording_ns + unknown_ns +
         drained_ns;
}

DeviceTime device_time(const Profile& profile, Index device) {
  const Span window = window_of(profile);
  std::vector<const GpuRecord*> records;
  std::vector<Span> all;
  std::vector<Span> kernels;
  std::vector<Span> copies;
  for (const GpuRecord& record : profile.gpu) {
    if (record.device != device) continue;
    records.push_back(&record);
    all.push_back(clipped(record.time, window));
    if (record.kind == GpuKind::kernel) kernels.push_back(all.back());
    if (record.kind == GpuKind::copy) copies.push_back(all.back());
  }
  std::sort(records.begin(), records.end(),
            [](const GpuRecord* a, const GpuRecord* b) { return a->time.begin_ns < b->time.begin_ns; });
  DeviceTime time;
  const Intervals busy = union_of(all);
  const Intervals copying = union_of(copies);
  time.busy_ns = measure(busy);
  time.concurrent_ns = measure(overlap_of(all));
  time.copy_ns = measure(copying);
  time.exposed_copy_ns = measure(difference(copying, union_of(kernels)));
  GapSplitter splitter(profile, time);
  for (const Span& gap : gaps(busy, window)) {
    const auto next =
        std::lower_bound(records.begin(), records.end(), gap.end_ns,
                         [](const GpuRecord* record, std::int64_t t) { return record->time.begin_ns < t; });
    splitter.split(gap, gap.end_ns == window.end_ns || next == records.end() ? nullptr : *next);
  }
  return time;
}

std::vector<Index> devices_of(const Profile& profile) {
  std::set<Index> devices;
  for (const GpuRecord& record : profile.gpu) devices.insert(record.device);
  return {devices.begin(), devices.end()};
}

KernelLabel KernelLabels::of(const GpuRecord& record) {
  std::string& kernel = short_names_[record.name];
  if (kernel.empty()) kernel = short_kernel_name(profile_.names.text(record.name));
  if (record.caller == kNone) return {.kernel = kernel, .operator_name = "(no operator)"};
  return {.kernel = kernel,
          .operator_name = display_name(profile_, places_, record.caller),
          .phase = places_[at(record.caller)].phase};
}

bool begins_in(const Span& window, const Span& time) {
  return time.begin_ns >= window.begin_ns && time.begin_ns < window.end_ns;
}

std::vector<KernelRow> kernel_rows(const Profile& profile, const std::vector<OperatorPlace>& places) {
  const Span window = window_of(profile);
  KernelLabels labels(profile, places);
  std::map<std::tuple<std::string, std::string, StepPhase>, KernelRow> rows;
  for (const GpuRecord& record : profile.gpu) {
    if (record.kind != GpuKind::kernel || !begins_in(window, record.time)) continue;
    const KernelLabel label = labels.of(record);
    KernelRow& row = rows[{label.kernel, label.operator_name, label.phase}];
    if (row.launches == 0) {
      row = {.kernel = label.kernel,
             .operator_name = label.operator_name,
             .phase = label.phase,
             .tensor_cores = tensor_cores_of(profile.names.text(record.name)),
             .shortest_ns = record.time.length()};
    }
    if (record.caller != kNone && !places[at(record.caller)].layer.empty())
      row.layers.insert(places[at(record.caller)].layer);
    ++row.launches;
    row.time_ns += record.time.length();
    row.shortest_ns = std::min(row.shortest_ns, record.time.length());
    row.longest_ns = std::max(row.longest_ns, record.time.length());
  }
  std::vector<KernelRow> sorted;
  sorted.reserve(rows.size());
  for (auto& [key, row] : rows) sorted.push_back(std::move(row));
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const KernelRow& a, const KernelRow& b) { return a.time_ns > b.time_ns; });
  return sorted;
}

std::vector<CopyRow> copy_rows(const Profile& profile) {
  const Span window = window_of(profile);
  std::map<std::pair<NameId, bool>, CopyRow> rows;
  for (const GpuRecord& record : profile.gpu) {
    if (record.kind == GpuKind::kernel || !begins_in(window, record.time)) continue;
    CopyRow& row = rows[{record.name, record.pageable}];
    row.name = profile.names.text(record.name);
    row.pageable = record.pageable;
    ++row.count;
    row.bytes += record.bytes;
    row.time_ns += record.time.length();
  }
  std::vector<CopyRow> sorted;
  sorted.reserve(rows.size());
  for (auto& [key, row] : rows) sorted.push_back(std::move(row));
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const CopyRow& a, const CopyRow& b) { return a.time_ns > b.time_ns; });
  return sorted;
}

std::uint64_t kernel_set_of(const Profile& profile) {
  const Span window = window_of(profile);
  std::vector<std::string> names;
  for (const GpuRecord& record : profile.gpu) {
    if (record.kind == GpuKind::kernel && begins_in(window, record.time))
      names.push_back(profile.names.text(record.name));
  }
  return kernel_set_fingerprint(names);
}

}  // namespace trainbench::profile
