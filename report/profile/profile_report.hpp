#pragma once

#include <optional>
#include <span>
#include <string>

#include "src/profile/records.hpp"

namespace trainbench::report {

struct ProfileReportOptions {
  std::optional<std::size_t> max_rows = 40;  // of one table; nothing: all
  std::string chart_link;                    // empty: none
};

/// Where the time and the memory of one benchmark's profiled steps went, as markdown: a sentence with the
/// verdict, then operators, layers, phases, convolutions, memory, and where there are GPU records kernels,
/// the device's time by cause, and copies. Times are means per step over all steps of all profiles; memory is
/// that of the first profile. The main thread's rows sum to the step.
std::string render_profile(std::span<const profile::Profile> profiles, const ProfileReportOptions& options);

/// The verdict alone, one sentence.
std::string profile_verdict(std::span<const profile::Profile> profiles);

/// One bar of a step: phases, each with its largest operators, as SVG.
std::string render_step_bar(std::span<const profile::Profile> profiles);

}  // namespace trainbench::report
