#include "src/profile/step_counts.hpp"

#include <algorithm>
#include <string>

#include "src/profile/device_time.hpp"

namespace trainbench::profile {
namespace {

bool crosses_the_bus(const std::string& copy) {
  return copy.find("HtoD") != std::string::npos || copy.find("DtoH") != std::string::npos;
}

}  // namespace

void set_step_counts(const Profile& profile, std::int64_t steps, Metrics& metrics) {
  if (profile.gpu.empty() || profile.losses.total() > 0 || steps <= 0) return;
  const Span window = window_of(profile);
  std::int64_t kernels = 0;
  std::int64_t copied = 0;
  for (const GpuRecord& record : profile.gpu) {
    if (!begins_in(window, record.time)) continue;
    if (record.kind == GpuKind::kernel) ++kernels;
    if (record.kind == GpuKind::copy && crosses_the_bus(profile.names.text(record.name)))
      copied += record.bytes;
  }
  const auto syncs = std::count_if(profile.syncs.begin(), profile.syncs.end(),
                                   [&](const SyncRecord& record) { return begins_in(window, record.time); });
  const auto per_step = [&](std::int64_t count) {
    return static_cast<double>(count) / static_cast<double>(steps);
  };
  set_metric(metrics, "kernel_launches_per_step", per_step(kernels));
  set_metric(metrics, "bytes_copied_per_step", per_step(copied));
  set_metric(metrics, "host_syncs_per_step", per_step(syncs));
  set_metric(metrics, "kernel_set", static_cast<double>(kernel_set_of(profile)));
}

}  // namespace trainbench::profile
