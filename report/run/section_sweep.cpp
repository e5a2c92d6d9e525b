#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "report/run/sections.hpp"
#include "report/run/sweep.hpp"
#include "report/text/format.hpp"
#include "report/text/markdown.hpp"

namespace trainbench::report {
namespace {

std::string verdict_of(const Sweep& sweep, std::size_t i) {
  const SweepPoint& point = sweep.points[i];
  const auto word = [&]() -> std::string_view {
    switch (point.standing) {
      case Standing::best:
        return "best";
      case Standing::equivalent:
        return "within 3 %";
      case Standing::slower:
        return "slower";
      case Standing::undecided:
        return "not told apart";
      case Standing::no_result:
        break;
    }
    return "";
  }();
  if (point.standing == Standing::no_result) {
    const std::string reason = first_reason(*point.series);
    return reason.empty() ? "no throughput" : reason;
  }
  std::string text(word);
  if (point.by_medians()) text += ", by medians";
  if (i == sweep.sweet_spot) text += ": the sweet spot";
  const std::string reason = first_reason(*point.series);
  return reason.empty() ? text : fmt::format("{}; {}", text, reason);
}

std::string share_cell(const SweepPoint& point) {
  if (point.standing == Standing::best) return "100 %";
  return point.of_best ? format_share(*point.of_best) : std::string(kNoValue);
}

/// Those that any batch has.
std::vector<Measure> measures_of(const Sweep& sweep) {
  std::vector<Measure> measures = {sweep.throughput};
  for (const char* name : {"step_time_ms", "gpu_peak_allocated_mib", "gpu_peak_reserved_mib",
                           "gpu_process_mib", "peak_rss_mib"}) {
    const Measure measure{Quantity::metric, name};
    const bool is_of_host = measure.metric == "peak_rss_mib";
    if (is_of_host && sweep.memory && *sweep.memory != measure) continue;
    const bool any = std::any_of(sweep.points.begin(), sweep.points.end(), [&](const SweepPoint& point) {
      return estimate_of(*point.series, measure).has_value();
    });
    if (any) measures.push_back(measure);
  }
  return measures;
}

std::vector<std::string> cells_of(const Sweep& sweep, std::size_t i, const std::vector<Measure>& measures) {
  const SweepPoint& point = sweep.points[i];
  std::vector<std::string> cells{fmt::format("{}", point.batch)};
  for (const Measure& measure : measures) {
    const auto estimate = estimate_of(*point.series, measure);
    cells.push_back(estimate ? format_value(measure, estimate->median) : std::string(kNoValue));
  }
  const auto throughput = estimate_of(*point.series, sweep.throughput);
  cells.push_back(throughput && throughput->noise ? format_percent(*throughput->noise)
                                                  : std::string(kNoValue));
  cells.push_back(share_cell(point));
  cells.push_back(fmt::format("{}", throughput ? throughput->num_values : 0));
  cells.push_back(verdict_of(sweep, i));
  return cells;
}

}  // namespace

Section sweep_section(const ReportInput& input, const Sweep& sweep) {
  const std::vector<Measure> measures = measures_of(sweep);
  std::vector<Column> columns{{"batch"}};
  for (const Measure& measure : measures) columns.push_back({title_of(measure)});
  columns.insert(columns.end(), {{"Noise"}, {"Of the best"}, {"n"}, {"Verdict", Align::left}});
  MarkdownTable table(columns);
  const std::size_t shown = shown_rows(input, sweep.points.size());
  for (std::size_t i = 0; i < shown; ++i) table.add_row(cells_of(sweep, i, measures));
  return {.title = fmt::format("Sweep: {}", sweep.label),
          .action_required = false,
          .message = escape_markdown(sweet_spot_sentences(sweep)),
          .body = fmt::format(
              "{}{}\nOf the best: ratio of throughputs (Hodges-Lehmann) with its 90 % interval over "
              "repetitions, which must lie within 3 % for a batch to count as equal to the best; the sweet "
              "spot is the smallest such batch.\n",
              table.str(), more_rows_line(input, sweep.points.size()))};
}

}  // namespace trainbench::report
