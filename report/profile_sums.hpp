#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "src/profile/closure.hpp"
#include "src/profile/convolution_work.hpp"
#include "src/profile/device_time.hpp"
#include "src/profile/memory.hpp"
#include "src/profile/tables.hpp"

namespace trainbench::report {

/// The tables of several profiles of one benchmark, added up.
struct ProfileSums {
  std::int64_t steps = 0;
  std::int64_t window_ns = 0;
  std::vector<profile::HostRow> host;           // largest first
  std::vector<profile::OperatorRow> operators;  // largest first
  std::vector<profile::LayerRow> layers;
  std::vector<profile::PhaseRow> phases;
  std::vector<profile::ConvolutionWork> convolutions;
  std::vector<profile::KernelRow> kernels;
  std::vector<profile::CopyRow> copies;
  profile::DeviceTime device;  // of the first device
  bool has_device = false;
  profile::BackwardMatch backward;
  profile::Losses losses;
  std::optional<profile::DoubleEntry> double_entry;  // of the profiles that have one
  std::vector<profile::MemoryPeak> peaks;            // of the first profile
  std::vector<std::string> unsteady;                 // sentences

  double per_step_ms(std::int64_t ns) const {
    return static_cast<double>(ns) * 1e-6 / static_cast<double>(steps);
  }
  double share(std::int64_t ns) const {
    return window_ns == 0 ? 0 : static_cast<double>(ns) / static_cast<double>(window_ns);
  }
};

ProfileSums sums_of(std::span<const profile::Profile> profiles);

}  // namespace trainbench::report
