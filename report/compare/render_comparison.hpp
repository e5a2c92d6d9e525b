#pragma once

#include <string>

#include "report/compare/compare.hpp"

namespace trainbench::report {

/// GitHub cuts a comment off at 64 KiB.
inline constexpr std::size_t kMarkdownBudget = std::size_t{60} * 1024;

// The same comparison gives the same bytes.

/// GitHub's markdown: the verdict first, then warnings, findings, what is undecided, and the rest folded. At
/// most `budget` bytes: rows are left out from the least severe end, and it is said how many. Room for the
/// headline, the warnings and the machines is always taken.
std::string comparison_markdown(const Comparison& comparison, std::size_t budget = kMarkdownBudget);

/// One line a row, the worst first, without the rows that are not judged.
std::string comparison_text(const Comparison& comparison);

/// Everything, on one line: {"comparison": 1, "headline": ..., "exit_code": ..., "rows": [...], ...}. What is
/// unknown is absent.
std::string comparison_json(const Comparison& comparison);

/// JUnit XML, a test case for each judged row: REGRESSED and MISSING that are gated are failures, INVALID and
/// files that could not be read errors; what is undecided, NEW or let pass is skipped. Warnings and notes are
/// the output.
std::string comparison_junit(const Comparison& comparison);

}  // namespace trainbench::report
