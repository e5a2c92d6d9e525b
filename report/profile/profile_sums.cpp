#include "report/profile/profile_sums.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace trainbench::report {
namespace {

using namespace profile;  // NOLINT: this file adds up what that layer computes

/// Adds each row of `more` to the row of `rows` with the same key, or behind them.
template <class Row, class KeyOf, class Add>
void merge(std::vector<Row>& rows, std::vector<Row> more, KeyOf key_of, Add add) {
  std::map<decltype(key_of(more.front())), std::size_t> index_of;
  for (std::size_t i = 0; i < rows.size(); ++i) index_of[key_of(rows[i])] = i;
  for (Row& row : more) {
    const auto [found, is_new] = index_of.try_emplace(key_of(row), rows.size());
    is_new ? rows.push_back(std::move(row)) : add(rows[found->second], row);
  }
}

void add_host_side(const Profile& profile, const std::vector<OperatorPlace>& places, ProfileSums& sums) {
  merge(
      sums.host, host_rows(profile, places), [](const HostRow& r) { return std::pair(r.phase, r.name); },
      [](HostRow& to, const HostRow& from) {
        to.calls += from.calls;
        to.self_ns += from.self_ns;
      });
  merge(
      sums.operators, operator_rows(profile, places),
      [](const OperatorRow& r) { return std::pair(r.phase, r.name); },
      [](OperatorRow& to, const OperatorRow& from) {
        to.calls += from.calls;
        to.self_ns += from.self_ns;
        to.total_ns += from.total_ns;
        to.allocated_bytes += from.allocated_bytes;
        to.device_ns += from.device_ns;
        to.launches += from.launches;
        to.implementations.insert(from.implementations.begin(), from.implementations.end());
        to.dtypes.insert(from.dtypes.begin(), from.dtypes.end());
      });
}

void add_places(const Profile& profile, const std::vector<OperatorPlace>& places, ProfileSums& sums) {
  merge(
      sums.layers, layer_rows(profile, places), [](const LayerRow& r) { return r.layer; },
      [](LayerRow& to, const LayerRow& from) {
        to.forward_ns += from.forward_ns;
        to.backward_ns += from.backward_ns;
        to.other_ns += from.other_ns;
        to.device_ns += from.device_ns;
      });
  merge(
      sums.phases, phase_rows(profile, places), [](const PhaseRow& r) { return r.phase; },
      [](PhaseRow& to, const PhaseRow& from) {
        to.wall_ns += from.wall_ns;
        to.operators_ns += from.operators_ns;
        to.device_ns += from.device_ns;
      });
  merge(
      sums.convolutions, convolution_work(profile, places),
      [](const ConvolutionWork& r) { return std::pair(r.layer, r.weight); },
      [](ConvolutionWork& to, const ConvolutionWork& from) {
        to.forward_flops += from.forward_flops;
        to.backward_flops += from.backward_flops;
        to.forward_ns += from.forward_ns;
        to.backward_ns += from.backward_ns;
        to.calls += from.calls;
      });
}

void add_launches(const Profile& profile, const std::vector<OperatorPlace>& places, ProfileSums& sums) {
  const Span window = window_of(profile);
  for (const SyncRecord& record : profile.syncs) sums.waits += begins_in(window, record.time) ? 1 : 0;
  sums.kernel_sets.insert(kernel_set_of(profile));
  for (const auto& [depth, ns] : queue_depths(profile, devices_of(profile).front()))
    sums.queue_depths[depth] += ns;
  merge(
      sums.launches, launch_rows(profile, places),
      [](const LaunchRow& r) { return std::tuple(r.kernel, r.operator_name, r.phase); },
      [](LaunchRow& to, const LaunchRow& from) {
        to.calls += from.calls;
        to.api_ns += from.api_ns;
        to.queue_ns += from.queue_ns;
        to.kernel_ns += from.kernel_ns;
      });
}

void add_device_side(const Profile& profile, const std::vector<OperatorPlace>& places, ProfileSums& sums) {
  if (profile.gpu.empty()) return;
  sums.has_device = true;
  add_launches(profile, places, sums);
  const DeviceTime time = device_time(profile, devices_of(profile).front());
  for (const auto member : {&DeviceTime::busy_ns, &DeviceTime::host_bound_ns, &DeviceTime::launch_latency_ns,
                            &DeviceTime::back_to_back_ns, &DeviceTime::dependency_ns,
                            &DeviceTime::recording_ns, &DeviceTime::unknown_ns, &DeviceTime::drained_ns,
                            &DeviceTime::concurrent_ns, &DeviceTime::copy_ns, &DeviceTime::exposed_copy_ns})
    sums.device.*member += time.*member;
  merge(
      sums.kernels, kernel_rows(profile, places),
      [](const KernelRow& r) { return std::tuple(r.kernel, r.operator_name, r.phase); },
      [](KernelRow& to, const KernelRow& from) {
        to.layers.insert(from.layers.begin(), from.layers.end());
        to.launches += from.launches;
        to.time_ns += from.time_ns;
        to.shortest_ns = std::min(to.shortest_ns, from.shortest_ns);
        to.longest_ns = std::max(to.longest_ns, from.longest_ns);
      });
  merge(
      sums.copies, copy_rows(profile), [](const CopyRow& r) { return std::pair(r.name, r.pageable); },
      [](CopyRow& to, const CopyRow& from) {
        to.count += from.count;
        to.bytes += from.bytes;
        to.time_ns += from.time_ns;
      });
}

template <class Row, class Value>
void sort_by(std::vector<Row>& rows, Value value) {
  std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) { return a.*value > b.*value; });
}

}  // namespace

ProfileSums sums_of(std::span<const Profile> profiles) {
  ProfileSums sums;
  for (const Profile& profile : profiles) {
    const std::vector<OperatorPlace> places = attribute(profile);
    sums.steps += training_steps_of(profile);
    sums.window_ns += window_of(profile).length();
    add_host_side(profile, places, sums);
    add_places(profile, places, sums);
    add_device_side(profile, places, sums);
    const BackwardMatch match = match_of_backward(profile, places);
    sums.backward.nodes += match.nodes;
    sums.backward.matched += match.matched;
    if (sums.peaks.empty()) sums.peaks = memory_peaks(profile, places);
    const Steadiness steadiness = steadiness_of(profile, places);
    sums.operator_calls += steadiness.operators;
    sums.faults.add(profile, steadiness);
  }
  sort_by(sums.host, &HostRow::self_ns);
  sort_by(sums.operators, &OperatorRow::self_ns);
  sort_by(sums.kernels, &KernelRow::time_ns);
  sort_by(sums.copies, &CopyRow::time_ns);
  sort_by(sums.launches, &LaunchRow::api_ns);
  return sums;
}

}  // namespace trainbench::report
