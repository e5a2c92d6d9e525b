#pragma once

#include <string>
#include <vector>

#include "report/run/sections.hpp"

namespace trainbench::report {

enum class ClaimVerdict {
  confirmed,     // the interval lies within the claim's zone
  corrected,     // it lies outside
  not_judged,    // it crosses an edge of the zone, or there is none
  not_measured,  // the rows that it takes are not there
};

std::string_view to_string(ClaimVerdict verdict) noexcept;

/// One claim of the study, held against one run.
struct StudyClaim {
  std::string statement;  // what is claimed, and the rows that it is held against
  std::string figure;     // the study's
  std::string measured;   // with its interval; empty where nothing was measured
  ClaimVerdict verdict = ClaimVerdict::not_measured;
  std::string reason;  // why it was not measured or not judged; what else to know
};

/// The study's claims in the study's order. `run` is the index of a result set.
std::vector<StudyClaim> claims_of(const ReportInput& input, std::size_t run);

}  // namespace trainbench::report
