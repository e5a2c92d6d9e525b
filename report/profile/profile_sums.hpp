#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "report/profile/profile_faults.hpp"
#include "src/profile/closure.hpp"
#include "src/profile/convolution_work.hpp"
#include "src/profile/device_time.hpp"
#include "src/profile/launch_anatomy.hpp"
#include "src/profile/memory.hpp"
#include "src/profile/tables.hpp"

namespace trainbench::report {

/// The tables of several profiles of one benchmark, added up.
struct ProfileSums {
  std::int64_t steps = 0;           // training steps
  std::int64_t operator_calls = 0;  // in these, of the threads that keep step
  std::int64_t waits = 0;           // of the host for the device
  std::int64_t window_ns = 0;
  std::vector<profile::HostRow> host;           // largest first
  std::vector<profile::OperatorRow> operators;  // largest first
  std::vector<profile::LayerRow> layers;
  std::vector<profile::PhaseRow> phases;
  std::vector<profile::ConvolutionWork> convolutions;
  std::vector<profile::KernelRow> kernels;
  std::vector<profile::CopyRow> copies;
  std::vector<profile::LaunchRow> launches;
  std::map<std::int64_t, std::int64_t> queue_depths;  // time by depth
  std::set<std::uint64_t> kernel_sets;                // each profile's
  profile::DeviceTime device;                         // of the first device
  bool has_device = false;
  profile::BackwardMatch backward;
  ProfileFaults faults;
  std::vector<profile::MemoryPeak> peaks;  // of the first profile

  double per_step_ms(std::int64_t ns) const {
    return static_cast<double>(ns) * 1e-6 / static_cast<double>(steps);
  }
  double share(std::int64_t ns) const {
    return window_ns == 0 ? 0 : static_cast<double>(ns) / static_cast<double>(window_ns);
  }
};

ProfileSums sums_of(std::span<const profile::Profile> profiles);

}  // namespace trainbench::report
