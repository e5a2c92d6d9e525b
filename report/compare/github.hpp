#pragma once

#include <string>

#include "report/compare/compare.hpp"

namespace trainbench::report {

/// Workflow commands of GitHub Actions for the gated findings: "::error" for what fails, "::warning" for what
/// is undecided, at most ten of each, because Actions shows no more.
std::string github_annotations(const Comparison& comparison);

/// In GitHub Actions: appends the comparison as markdown to the file that GITHUB_STEP_SUMMARY names, and
/// writes its annotations to standard error, which Actions reads as well. Elsewhere, nothing. Throws
/// EnvironmentError (`cannot_write`).
void tell_github(const Comparison& comparison);

}  // namespace trainbench::report
