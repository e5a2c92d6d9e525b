#include <fmt/format.h>

#include <map>
#include <tuple>

#include "report/run/sections.hpp"
#include "report/text/markdown.hpp"

namespace trainbench::report {
namespace {

std::string plural(std::size_t count) {
  return count == 1 ? "1 row" : fmt::format("{} rows", count);
}

/// The reasons of one benchmark's rows of one status, each with how many rows carry it.
std::map<std::string, std::size_t> reasons_of(const Series& series, CaseStatus status) {
  std::map<std::string, std::size_t> reasons;
  for (const Row* row : series.rows) {
    if (row->status == status) ++reasons[row->reason];
  }
  return reasons;
}

}  // namespace

Section failures_section(const ReportInput& input) {
  Section section;
  section.title = "Failed and skipped";
  std::size_t totals[2] = {0, 0};
  std::vector<std::vector<std::string>> rows;
  for (const CaseStatus status : {CaseStatus::failed, CaseStatus::skipped}) {
    for (const Series& series : input.series) {
      for (const auto& [reason, count] : reasons_of(series, status)) {
        totals[status == CaseStatus::failed ? 0 : 1] += count;
        rows.push_back({label_of(series, input.runs.size()), std::string(to_string(status)),
                        fmt::format("{}", count), reason});
      }
    }
  }
  section.action_required = totals[0] > 0;
  if (totals[0] > 0) {
    section.message = fmt::format("{} failed and {} skipped; each reason says what to mend.",
                                  plural(totals[0]), plural(totals[1]));
  } else if (input.series.empty()) {
    section.message = "there are no rows.";
  } else {
    section.message = totals[1] > 0 ? fmt::format("{} skipped, none failed.", plural(totals[1]))
                                    : "every row has a result.";
  }
  if (rows.empty()) return section;
  MarkdownTable table(
      {{"Benchmark", Align::left}, {"Status", Align::left}, {"Rows"}, {"Reason", Align::left}});
  const std::size_t shown = shown_rows(input, rows.size());
  for (std::size_t i = 0; i < shown; ++i) table.add_row(rows[i]);
  section.body = table.str() + more_rows_line(input, rows.size());
  return section;
}

}  // namespace trainbench::report
