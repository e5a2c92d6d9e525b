#include <fmt/format.h>

#include <algorithm>

#include "report/run/sections.hpp"
#include "report/text/format.hpp"
#include "report/text/markdown.hpp"

namespace trainbench::report {
namespace {

const Measure kUnprofiledStep{Quantity::metric, "step_time_ms"};
const Measure kProfiledStep{Quantity::metric, "profiled_step_time_ms"};

/// A digest and the number of its run, from 0.
struct Profiled {
  const ProfileDigest* digest;
  std::size_t run;
};

std::vector<Profiled> profiled_benchmarks(const ReportInput& input) {
  std::vector<Profiled> all;
  for (std::size_t run = 0; run < input.runs.size(); ++run) {
    for (const ProfileDigest& digest : input.runs[run].profiles) all.push_back({&digest, run});
  }
  return all;
}

const Series* timed_series(const ReportInput& input, const Profiled& profiled) {
  const auto found = std::find_if(input.series.begin(), input.series.end(), [&](const Series& series) {
    return series.run == profiled.run && series.benchmark == profiled.digest->benchmark;
  });
  return found == input.series.end() ? nullptr : &*found;
}

std::string label_of(const ReportInput& input, const Profiled& profiled) {
  const Series* series = timed_series(input, profiled);
  return series == nullptr ? profiled.digest->benchmark : label_of(*series, input.runs.size());
}

/// What recording costs, as far as two processes can tell.
std::string cost_of(const ReportInput& input, const Profiled& profiled) {
  const Series* series = timed_series(input, profiled);
  if (series == nullptr) return "";
  const auto with = estimate_of(*series, kProfiledStep);
  const auto without = estimate_of(*series, kUnprofiledStep);
  if (!with || !without || without->median <= 0) return "";
  return fmt::format(" Step {} profiled, {} unprofiled ({}x).", format_value(kProfiledStep, with->median),
                     format_value(kUnprofiledStep, without->median),
                     format_fixed(with->median / without->median, 3));
}

std::string table_command(const std::string& folder) {
  const std::string command = fmt::format("bench-report profile {}", folder);
  const bool fits_code = folder.find_first_of("`\n\r") == std::string::npos;
  return fits_code ? fmt::format("`{}`", command) : escape_markdown(command);
}

std::string summary_line(const ReportInput& input, const Profiled& profiled) {
  const ProfileDigest& digest = *profiled.digest;
  return fmt::format("- {}{}: {} {} step{} of {} process{}.{} All tables: {}\n",
                     digest.fault.empty() ? "" : fmt::format("**{}** ", digest.fault),
                     escape_markdown(label_of(input, profiled)), digest.verdict, digest.steps,
                     digest.steps == 1 ? "" : "s", digest.processes, digest.processes == 1 ? "" : "es",
                     escape_markdown(cost_of(input, profiled)), table_command(digest.folder));
}

}  // namespace

std::optional<Section> profiles_section(const ReportInput& input) {
  const std::vector<Profiled> all = profiled_benchmarks(input);
  if (all.empty()) return std::nullopt;
  Section section{.title = "Where the time went",
                  .message =
                      "operators with most self time, per step, from profiled processes beside the "
                      "timed ones."};
  MarkdownTable table({{"Benchmark", Align::left},
                       {"Phase", Align::left},
                       {"Operator", Align::left},
                       {"Calls/step"},
                       {"Self ms"},
                       {"Share"}});
  const std::size_t shown = shown_rows(input, all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].digest->fault.empty()) {
      section.action_required = true;
      section.message =
          "a profile lost records or attributed them in two ways, and its figures are not to be trusted: "
          "record it again.";
    }
    if (i >= shown) continue;
    for (const DigestOperator& row : all[i].digest->operators) {
      table.add_row({label_of(input, all[i]), row.phase.empty() ? std::string(kNoValue) : row.phase, row.name,
                     format_number(row.calls_per_step), format_fixed(row.self_ms, 3),
                     format_percent(row.share)});
    }
    section.body += summary_line(input, all[i]);
  }
  section.body = fmt::format("{}\n{}{}", table.str(), section.body, more_rows_line(input, all.size()));
  return section;
}

}  // namespace trainbench::report
