#pragma once

#include <cstdint>

#include "src/measure/metrics.hpp"
#include "src/profile/records.hpp"

namespace trainbench::profile {

/// What the window's GPU records say without a clock: kernel_launches_per_step, bytes_copied_per_step
/// (between host and device), host_syncs_per_step and kernel_set. `steps` is how many training steps the
/// window holds. Nothing is set for a profile without GPU records, or where it lost some.
void set_step_counts(const Profile& profile, std::int64_t steps, Metrics& metrics);

}  // namespace trainbench::profile
