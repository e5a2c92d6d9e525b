#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/profile/attribution.hpp"

/// What lies between the host's call and the device's work.
namespace trainbench::profile {

/// The calls whose first GPU record is a kernel of this name, launched by this operator. A graph's launch
/// counts once, with the kernel that it begins with.
struct LaunchRow {
  std::string kernel;
  std::string operator_name;  // innermost operator of the kernel; "(no operator)"
  StepPhase phase = StepPhase::none;
  std::int64_t calls = 0;
  std::int64_t api_ns = 0;     // the host is in the call
  std::int64_t queue_ns = 0;   // from the call's end to the kernel's begin; 0 where that is earlier
  std::int64_t kernel_ns = 0;  // the kernel runs
};
/// Of kernels that begin in the window and whose call was recorded; most time in the call first.
std::vector<LaunchRow> launch_rows(const Profile& profile, const std::vector<OperatorPlace>& places);

/// How much of the window passed while how many calls had ended whose first GPU record on `device` had not
/// begun: the queue's depth, and its time. The times sum to the window.
std::map<std::int64_t, std::int64_t> queue_depths(const Profile& profile, Index device);

/// The depth that was not exceeded half of the time; nothing where there is no time.
std::optional<std::int64_t> median_depth(const std::map<std::int64_t, std::int64_t>& depths);

}  // namespace trainbench::profile
