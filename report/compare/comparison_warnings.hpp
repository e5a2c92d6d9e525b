#pragma once

#include <string_view>

#include "report/compare/compare.hpp"

namespace trainbench::report {

/// The change for the worse in percent: of a ratio or a count its share of the baseline (a rate that is
/// halved is worse by 50), of a proportion its points. Negative for the better.
double worse_by_percent(const ComparedRow& row);

/// Injected faults.
void add_subject_warnings(const Subjects& baseline, const Subjects& contender, Comparison& comparison);

/// Findings that all go one way, samples with two modes, entries of the policy that have ended, and that
/// nothing was gated.
void add_row_warnings(Comparison& comparison);

/// What the note of such an entry starts with: no report may leave one out.
inline constexpr std::string_view kAcceptedNote = "Accepted until ";

/// The regressions that the policy lets pass today, whether they are seen or not.
void add_accepted_notes(const Policy& policy, const std::string& today, Comparison& comparison);

/// What the files say of themselves, and how they were taken together.
void add_side_notes(const Side& baseline, const Side& contender, Comparison& comparison);

}  // namespace trainbench::report
