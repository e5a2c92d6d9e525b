#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "report/run/sections.hpp"
#include "report/run/study.hpp"
#include "report/run/study_claims.hpp"
#include "report/text/markdown.hpp"

namespace trainbench::report {
namespace {

bool has_study_rows(const ReportInput& input, std::size_t run) {
  return std::any_of(input.series.begin(), input.series.end(), [&](const Series& series) {
    return series.run == run && is_of_study(series.name.family);
  });
}

std::string verdict_cell(const StudyClaim& claim) {
  std::string text(to_string(claim.verdict));
  return claim.reason.empty() ? text : fmt::format("{}: {}", text, claim.reason);
}

std::string counted(const std::vector<StudyClaim>& claims) {
  std::string text;
  for (const ClaimVerdict verdict : {ClaimVerdict::confirmed, ClaimVerdict::corrected,
                                     ClaimVerdict::not_judged, ClaimVerdict::not_measured}) {
    const auto count = std::count_if(claims.begin(), claims.end(),
                                     [&](const StudyClaim& claim) { return claim.verdict == verdict; });
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, to_string(verdict));
  }
  return text + ".";
}

}  // namespace

std::optional<Section> claims_section(const ReportInput& input) {
  const bool several = input.runs.size() > 1;
  std::vector<Column> columns;
  if (several) columns.push_back({"Run"});
  for (const char* title : {"Claim", "The study", "Measured here", "Verdict"})
    columns.push_back({title, Align::left});
  MarkdownTable table(columns);
  std::vector<StudyClaim> all;
  for (std::size_t run = 0; run < input.runs.size(); ++run) {
    if (!has_study_rows(input, run)) continue;
    for (const StudyClaim& claim : claims_of(input, run)) {
      std::vector<std::string> cells;
      if (several) cells.push_back(fmt::format("{}", run + 1));
      cells.insert(cells.end(), {claim.statement, claim.figure, claim.measured.empty() ? "–" : claim.measured,
                                 verdict_cell(claim)});
      table.add_row(cells);
      all.push_back(claim);
    }
  }
  if (all.empty()) return std::nullopt;
  return Section{
      .title = "The study's claims",
      .action_required = false,
      .message = counted(all),
      .body =
          table.str() +
          "\nThe study's figures are rounded and come from another machine, which it does not name. In "
          "brackets: 90 % intervals over repetitions. A claim is confirmed where the interval lies within "
          "10 % of the study's ratio of throughputs, 2 points of its saving of memory, 3 points of an "
          "accuracy, 1 point between two accuracies; it is corrected where the interval lies outside, and "
          "not judged where it lies across.\n"};
}

}  // namespace trainbench::report
