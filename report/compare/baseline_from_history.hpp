#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "report/compare/policy.hpp"
#include "report/compare/side.hpp"
#include "report/results/renames.hpp"

namespace trainbench::report {

/// Which history a baseline is taken from.
struct HistorySource {
  std::filesystem::path folder;
  std::string branch = "main";
  Renames renames;  // a benchmark that has no series under its name of today is looked for under its old one
};

/// The baseline that a history has for `contender`: of each of its benchmarks and metrics, the newest 100
/// runs of the current stable segment of the series that was measured on the contender's machine and in the
/// contender's way. What the newest run of the branch has and the contender lacks is there as well, so that
/// it is found missing. Failed runs, runs behind a regression and the contender's own run are not in it.
///
/// One SideFile a run, one row for each process, benchmarks by their names of today, times as the metrics
/// "real_time" and "cpu_time" in seconds.
/// Files of the history that cannot be read are the side's problems. `notes` gets sentences: where the
/// baseline is from, and what has none.
///
/// Throws InputError (`no_baseline`) where there is no such folder or no such series.
Side baseline_from_history(const HistorySource& source, const Side& contender, const Policy& policy,
                           std::vector<std::string>& notes);

}  // namespace trainbench::report
