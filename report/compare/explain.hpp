#pragma once

#include <string>

#include "report/compare/compare.hpp"
#include "src/base/json.hpp"

namespace trainbench::report {

/// Explains each benchmark of which the time per step or the throughput is a finding, where both sides have
/// profiles of it: those in the folder `profiles` beside their results, of at most ten processes a side. What
/// cannot be read, compared or trusted of them is a warning: the verdicts do not hang on it. `renames` are of
/// the baseline's benchmarks.
void explain_findings(const Side& baseline, const Side& contender, const Renames& renames,
                      Comparison& comparison);

/// A section: a sentence and a table of the parts with their share of the change, and the rest.
std::string explanation_markdown(const Explanation& explanation);
/// One line with the three largest parts.
std::string explanation_text(const Explanation& explanation);
json::object explanation_json(const Explanation& explanation);

}  // namespace trainbench::report
