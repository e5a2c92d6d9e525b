#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "src/profile/device_time.hpp"
#include "src/profile/intervals.hpp"
#include "src/profile/launch_anatomy.hpp"
#include "src/profile/tables.hpp"

namespace trainbench::profile {

/// The device's time by operator, by layer and by phase is that of the records that have an operator, in
/// whole nanoseconds; by kernel and by copy that of the records that begin in the window; no call is counted
/// twice.
inline void expect_groupings_conserve(const Profile& profile, const std::vector<OperatorPlace>& places) {
  const Span window = window_of(profile);
  std::int64_t attributed = 0;
  std::map<bool, std::int64_t> begun;       // of kernels, of others
  std::map<Index, const GpuRecord*> first;  // of each launch
  for (const GpuRecord& record : profile.gpu) {
    attributed += record.caller == kNone ? 0 : clipped(record.time, window).length();
    if (begins_in(window, record.time)) begun[record.kind == GpuKind::kernel] += record.time.length();
    const GpuRecord*& earliest = first[record.launch];
    if (earliest == nullptr || record.time.begin_ns < earliest->time.begin_ns) earliest = &record;
  }
  const auto sum = [](const auto& rows, auto member) {
    std::int64_t total = 0;
    for (const auto& row : rows) total += row.*member;
    return total;
  };
  EXPECT_GT(attributed, 0);
  EXPECT_EQ(sum(operator_rows(profile, places), &OperatorRow::device_ns), attributed);
  EXPECT_EQ(sum(layer_rows(profile, places), &LayerRow::device_ns), attributed);
  EXPECT_EQ(sum(phase_rows(profile, places), &PhaseRow::device_ns), attributed);
  EXPECT_EQ(sum(kernel_rows(profile, places), &KernelRow::time_ns), begun[true]);
  EXPECT_EQ(sum(copy_rows(profile), &CopyRow::time_ns), begun[false]);
  const auto calls = std::count_if(first.begin(), first.end(), [&](const auto& entry) {
    return entry.first != kNone && entry.second->kind == GpuKind::kernel &&
           begins_in(window, entry.second->time);
  });
  EXPECT_EQ(sum(launch_rows(profile, places), &LaunchRow::calls), calls);
}

}  // namespace trainbench::profile
