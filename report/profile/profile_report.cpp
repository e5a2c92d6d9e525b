#include "report/profile/profile_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "report/profile/profile_sections.hpp"
#include "report/profile/profile_sums.hpp"
#include "report/text/format.hpp"
#include "report/text/markdown.hpp"

namespace trainbench::report {
namespace {

using namespace profile;  // NOLINT: this file prints what that layer computes

std::string device_verdict(const ProfileSums& sums) {
  const double busy = sums.share(sums.device.busy_ns);
  const double host_bound = sums.share(sums.device.host_bound_ns);
  const double waits = sums.share(sums.device.dependency_ns);
  std::int64_t load_ns = 0;
  for (const PhaseRow& row : sums.phases) load_ns += row.phase == StepPhase::load ? row.wall_ns : 0;
  if (busy >= 0.95) return fmt::format("GPU-bound: the GPU is busy {} of the step.", format_percent(busy));
  if (host_bound > 0.1) {
    const bool input = 2 * load_ns > sums.device.host_bound_ns;
    return fmt::format("{}: the GPU waits for {} {} of the step.", input ? "input-bound" : "launch-bound",
                       input ? "the next batch" : "the host", format_percent(host_bound));
  }
  if (waits > 0.1) {
    return fmt::format("synchronisation-bound: the GPU waits for copies, events or streams {} of the step.",
                       format_percent(waits));
  }
  return fmt::format("no single bound: the GPU is busy {} of the step, no cause of idleness takes a tenth.",
                     format_percent(busy));
}

std::string host_verdict(const ProfileSums& sums) {
  std::map<std::string, std::int64_t> by_name;
  for (const HostRow& row : sums.host) {
    if (row.is_operator) by_name[row.name] += row.self_ns;
  }
  const auto hottest = std::max_element(by_name.begin(), by_name.end(),
                                        [](const auto& a, const auto& b) { return a.second < b.second; });
  const double covered = sums.share(covered_ns(sums.host));
  if (hottest == by_name.end()) return "no operator was recorded in the window.";
  return fmt::format("CPU-bound: {} takes {} of the step, more than any other operator; operators cover {}.",
                     escape_markdown(hottest->first), format_percent(sums.share(hottest->second)),
                     format_percent(covered));
}

std::string verdict_of(const ProfileSums& sums) {
  return sums.has_device ? device_verdict(sums) : host_verdict(sums);
}

/// What a step has without a clock.
std::string counts_of(const ProfileSums& sums) {
  std::string text = fmt::format(" Per step: operators {}", count_per_step(sums, sums.operator_calls));
  if (!sums.has_device) return text + ".";
  std::int64_t launches = 0;
  for (const KernelRow& row : sums.kernels) launches += row.launches;
  text += fmt::format(", kernel launches {}, waits of the host for the GPU {}",
                      count_per_step(sums, launches), count_per_step(sums, sums.waits));
  if (sums.kernel_sets.size() > 1) return text + "; the processes ran different sets of kernels.";
  return text + fmt::format("; kernel set {:x}.", *sums.kernel_sets.begin());
}

/// " with libcupti 13.0 ('/usr/lib/libcupti.so.13')", of a recording that says which.
std::string library_of(const Profile& profile) {
  const auto path = profile.recorder.find("libcupti");
  if (path == profile.recorder.end()) return "";
  return fmt::format(" with libcupti {} ('{}')", fact_or_unknown(profile.recorder, "libcupti_version"),
                     path->second);
}

std::string facts_of(std::span<const Profile> profiles, const ProfileSums& sums) {
  std::string text = fmt::format(
      "{} step{} of {} process{}, recorded by {}{}: {} a step under the recorder.", sums.steps,
      sums.steps == 1 ? "" : "s", profiles.size(), profiles.size() == 1 ? "" : "es",
      escape_markdown(profiles.front().recorded_by), escape_markdown(library_of(profiles.front())),
      format_seconds(sums.per_step_ms(sums.window_ns) * 1e-3));
  if (sums.backward.nodes > 0) {
    text += fmt::format(" {} of {} backward nodes have their forward operator (AccumulateGrad has none).",
                        sums.backward.matched, sums.backward.nodes);
  }
  if (sums.faults.double_entry) {
    text += fmt::format(" {} of {} GPU records attributed alike by two mechanisms.",
                        sums.faults.double_entry->alike, sums.faults.double_entry->records);
  }
  text += counts_of(sums) + "\n";
  for (const std::string& sentence : sums.faults.unsteady)
    text += fmt::format("\nNot steady: {}.\n", escape_markdown(sentence));
  return text;
}

}  // namespace

std::string profile_verdict(std::span<const Profile> profiles) {
  return verdict_of(sums_of(profiles));
}

std::string render_profile(std::span<const Profile> profiles, const ProfileReportOptions& options) {
  const ProfileSums sums = sums_of(profiles);
  std::string text = fmt::format("# Profile of {}\n\n", escape_markdown(profiles.front().benchmark));
  text += banner_of(sums.faults, "This profile");
  text += fmt::format("**{}**\n\n{}", verdict_of(sums), facts_of(profiles, sums));
  if (!options.chart_link.empty())
    text += fmt::format("\n![Where the step's time went]({})\n", link_target(options.chart_link));
  text += section_operators(sums, options.max_rows);
  text += section_layers(sums, options.max_rows);
  text += section_phases(sums);
  text += section_convolutions(sums, options.max_rows);
  text += section_memory(sums, options.max_rows);
  if (sums.has_device) {
    text += section_device(sums) + section_launches(sums, options.max_rows) +
            section_kernels(sums, options.max_rows) + section_copies(sums);
  }
  return text;
}

std::string render_step_bar(std::span<const Profile> profiles) {
  return step_bar(sums_of(profiles), profiles.front().benchmark);
}

}  // namespace trainbench::report
