#include <fmt/format.h>

#include <algorithm>

#include "report/compare/compare.hpp"

namespace trainbench::report {
namespace {

std::string rows(std::size_t count) {
  return fmt::format("{} {}", count, count == 1 ? "row" : "rows");
}

/// "3 REGRESSED, 1 IMPROVED" of the gated rows, the worst first.
std::string gated_counts(const Comparison& comparison) {
  std::string text;
  for (const Verdict verdict : {Verdict::invalid, Verdict::missing, Verdict::regressed, Verdict::improved,
                                Verdict::inconclusive, Verdict::underpowered, Verdict::equivalent}) {
    const std::size_t count = count_rows(comparison, verdict, true);
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, to_string(verdict));
  }
  return text.empty() ? "none" : text;
}

std::string_view word_of(ExitCode code) {
  switch (code) {
    case ExitCode::ok:
      return "PASSED";
    case ExitCode::regressed:
      return "REGRESSED";
    case ExitCode::inconclusive:
      return "UNDECIDED";
    case ExitCode::missing:
      return "MISSING";
    case ExitCode::invalid:
      return "INVALID";
    case ExitCode::unreadable:
      return "UNREADABLE";
    case ExitCode::interrupted:
    case ExitCode::terminated:
      return "INTERRUPTED";
    default:  // no other code comes out of a comparison
      return "FAILED";
  }
}

}  // namespace

std::size_t count_rows(const Comparison& comparison, Verdict verdict, bool gated) {
  return static_cast<std::size_t>(
      std::count_if(comparison.rows.begin(), comparison.rows.end(),
                    [&](const ComparedRow& row) { return row.verdict == verdict && row.gated == gated; }));
}

std::string headline(const Comparison& comparison) {
  if (!comparison.settled.empty()) return fmt::format("PASSED: {}", comparison.settled);
  if (comparison.informational) return "INFORMATIONAL: the machines differ, and nothing is gated.";
  const auto gated = static_cast<std::size_t>(std::count_if(
      comparison.rows.begin(), comparison.rows.end(), [](const ComparedRow& row) { return row.gated; }));
  std::string text =
      fmt::format("{}: of {} gated {} {}.", word_of(comparison.exit_code), gated, gated == 1 ? "row" : "rows",
                  gated == 0 ? "none was judged" : gated_counts(comparison));
  const auto let_pass = static_cast<std::size_t>(std::count_if(
      comparison.rows.begin(), comparison.rows.end(), [](const ComparedRow& row) { return row.let_pass; }));
  if (let_pass > 0) text += fmt::format(" {} let pass by the policy.", rows(let_pass));
  if (!comparison.problems.empty())
    text += fmt::format(" {} could not be read.", comparison.problems.size() == 1 ? "A file" : "Some files");
  return text;
}

}  // namespace trainbench::report
