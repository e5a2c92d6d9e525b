#pragma once

#include <string>
#include <vector>

#include "report/compare/compare.hpp"
#include "src/base/json.hpp"

namespace trainbench::report {

/// How a metric changed over all benchmarks of a family that both sides have: the ratio of the processes'
/// geometric means, by Hodges and Lehmann, with the exact interval over processes. A process holds all
/// benchmarks of its file, so what they have in common counts once.
struct FamilyMean {
  std::string family;  // empty: of all families
  std::string metric;
  std::size_t num_benchmarks = 0;
  std::size_t num_left_out = 0;    // not measured in the same processes as the others
  stats::ShiftEstimate log_ratio;  // contender against baseline: positive is larger, not worse
};

/// Of the gated metrics that are compared as ratios, where there are two benchmarks or more: all families
/// first, then the largest change in either direction.
std::vector<FamilyMean> family_means(const Comparison& comparison);

/// A section with a table, at most 20 families; empty where there is none.
std::string family_means_markdown(const Comparison& comparison);
/// A line for each metric over all families, or over the only one.
std::string family_means_text(const Comparison& comparison);
json::array family_means_json(const Comparison& comparison);

}  // namespace trainbench::report
