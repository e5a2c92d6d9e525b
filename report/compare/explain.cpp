#include "report/compare/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "report/profile/profile_faults.hpp"
#include "report/profile/profile_read.hpp"
#include "src/profile/waterfall.hpp"
#include "src/stats/summary.hpp"

namespace trainbench::report {
namespace {

namespace fs = std::filesystem;

// A profile weighs megabytes, and five processes a side are enough for intervals.
constexpr std::size_t kMostProcesses = 10;
constexpr std::size_t kMostParts = 8;

using Profiles = std::map<std::string, std::vector<profile::Profile>>;  // by benchmark

bool is_finding_of_speed(const ComparedRow& row) {
  return (row.metric == "step_time_ms" || row.metric == "images_per_second") &&
         (row.verdict == Verdict::regressed || row.verdict == Verdict::improved);
}

/// The folders `profiles` of a side that are there.
std::set<fs::path> profile_folders(const Side& side) {
  std::set<fs::path> folders;
  std::error_code ignored;  // what cannot be looked at is not there
  for (const SideFile& file : side.files) {
    const fs::path folder = fs::path(file.results.source).parent_path() / "profiles";
    if (fs::is_directory(folder, ignored)) folders.insert(folder);
  }
  return folders;
}

Profiles read_side_profiles(const std::set<fs::path>& folders, const std::set<std::string>& benchmarks,
                            const Renames& renames, std::vector<std::string>& warnings) {
  Profiles profiles;
  const auto has_enough = [&](const std::string& benchmark) {
    const auto found = profiles.find(benchmark);
    return found != profiles.end() && found->second.size() == kMostProcesses;
  };
  for (const fs::path& folder : folders) {
    if (std::all_of(benchmarks.begin(), benchmarks.end(), has_enough)) break;
    try {
      for (ProfileGroup& group : read_profiles(folder)) {
        const std::string benchmark = name_today(renames, group.benchmark);
        if (!benchmarks.contains(benchmark)) continue;
        for (profile::Profile& one : group.profiles) one.benchmark = benchmark;
        auto& known = profiles[benchmark];
        std::move(group.profiles.begin(), group.profiles.end(), std::back_inserter(known));
        if (known.size() > kMostProcesses) known.resize(kMostProcesses);
      }
    } catch (const InputError& error) {
      warnings.push_back(fmt::format("A profile was left out: {}", error.what()));
    }
  }
  return profiles;
}

/// Of the medians of the timed steps; nothing where they are not known.
std::optional<double> timed_change_ms(const Comparison& comparison, const std::string& benchmark) {
  for (const ComparedRow& row : comparison.rows) {
    if (row.benchmark != benchmark || row.metric != "step_time_ms") continue;
    const auto before = stats::median(row.samples.baseline);
    const auto after = stats::median(row.samples.contender);
    if (before && after) return *after - *before;
  }
  return std::nullopt;
}

Explanation explanation_of(const profile::Waterfall& waterfall, std::optional<double> timed_ms) {
  const auto ms = [&](std::int64_t numerator) {
    return static_cast<double>(numerator) / static_cast<double>(waterfall.denominator) * 1e-6;
  };
  Explanation explanation;
  explanation.profiled_change_ms = ms(waterfall.change);
  explanation.change_ms = timed_ms.value_or(explanation.profiled_change_ms);
  explanation.baseline_processes = waterfall.baseline_processes;
  explanation.contender_processes = waterfall.contender_processes;
  explanation.rest_ms = explanation.change_ms;
  for (const profile::WaterfallRow& row : waterfall.rows) {
    if (row.is_noise() || row.change == 0) continue;
    const double change = ms(row.change);
    explanation.rest_ms -= change;
    if (explanation.parts.size() == kMostParts) {
      ++explanation.num_smaller;
      explanation.smaller_ms += change;
      continue;
    }
    const bool no_phase = row.key.phase == profile::StepPhase::none;
    explanation.parts.push_back({.phase = no_phase ? "" : std::string(to_string(row.key.phase)),
                                 .operator_name = row.key.operator_name,
                                 .kernel = row.key.kernel,
                                 .change_ms = change});
  }
  return explanation;
}

/// Why the profiles of one side explain nothing; nothing where they may.
std::optional<std::string> unusable(const char* side, const std::vector<profile::Profile>& profiles) {
  const ProfileFaults faults = faults_of(profiles);
  if (const auto fault = fault_of(faults.losses, faults.double_entry))
    return fmt::format("in those of the {}, {}", side, *fault);
  if (faults.unsteady.empty()) return std::nullopt;
  return fmt::format("the {}'s steps are not alike ({})", side, faults.unsteady.front());
}

/// Why the profiles of the two sides cannot be compared; nothing where they can.
std::optional<std::string> unlike(const std::vector<profile::Profile>& baseline,
                                  const std::vector<profile::Profile>& contender) {
  for (const auto* side : {&baseline, &contender}) {
    for (const profile::Profile& one : *side) {
      if (auto difference = profile::unlikeness(baseline.front(), one)) return difference;
    }
  }
  auto fault = unusable("baseline", baseline);
  return fault ? fault : unusable("contender", contender);
}

}  // namespace

void explain_findings(const Side& baseline, const Side& contender, const Renames& renames,
                      Comparison& comparison) {
  std::set<std::string> benchmarks;
  for (const ComparedRow& row : comparison.rows) {
    if (is_finding_of_speed(row)) benchmarks.insert(row.benchmark);
  }
  const std::set<fs::path> before = profile_folders(baseline);
  const std::set<fs::path> after = profile_folders(contender);
  if (benchmarks.empty() || before.empty() || after.empty()) return;
  const Profiles of_baseline = read_side_profiles(before, benchmarks, renames, comparison.warnings);
  const Profiles of_contender = read_side_profiles(after, benchmarks, {}, comparison.warnings);
  for (const auto& [benchmark, profiles] : of_baseline) {
    const auto others = of_contender.find(benchmark);
    if (others == of_contender.end()) continue;
    if (const auto difference = unlike(profiles, others->second)) {
      comparison.warnings.push_back(
          fmt::format("The profiles of {} do not explain its change: {}.", benchmark, *difference));
      continue;
    }
    comparison.explanations.push_back(
        explanation_of(profile::waterfall(profiles, others->second, profile::Detail::operators),
                       timed_change_ms(comparison, benchmark)));
    comparison.explanations.back().benchmark = benchmark;
  }
}

}  // namespace trainbench::report
