#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/charts/svg.hpp"
#include "report/run/sweep.hpp"
#include "report/text/format.hpp"

namespace trainbench::report {
namespace {

std::string titled(const Measure& measure) {
  const MetricInfo* info = find_metric(measure.metric);
  if (info == nullptr || info->unit.empty()) return title_of(measure);
  return fmt::format("{}, {}", info->title, info->unit);
}

LinePanel panel_of(const Sweep& sweep, const Measure& measure) {
  LinePanel panel{.title = titled(measure), .points = {}};
  for (const SweepPoint& point : sweep.points) {
    const std::vector<double> values = values_of(*point.series, measure);
    if (values.empty()) continue;
    const double median = estimate_of(*point.series, measure)->median;
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    if (!std::isfinite(median)) continue;
    panel.points.push_back(
        {.x = static_cast<double>(point.batch),
         .value = std::max(0.0, median),
         .low = std::max(0.0, *low),
         .high = std::max(0.0, *high),
         .tooltip = fmt::format("batch {}: {} ({} to {}, n = {})", point.batch, format_value(measure, median),
                                format_value(measure, *low), format_value(measure, *high), values.size())});
  }
  return panel;
}

/// "OOM" where memory ran out, else the status.
LineGap gap_of(const SweepPoint& point) {
  LineGap gap{.x = static_cast<double>(point.batch), .label = "no value", .tooltip = "no throughput"};
  for (const Row* row : point.series->rows) {
    if (row->status == CaseStatus::ok) continue;
    gap.label = row->reason.starts_with("OOM") ? "OOM" : std::string(to_string(row->status));
    gap.tooltip = row->reason;
    break;
  }
  gap.tooltip = fmt::format("batch {}: {}", point.batch, gap.tooltip);
  return gap;
}

}  // namespace

LineChart chart_of(const Sweep& sweep) {
  LineChart chart{.title = svg::shortened(sweep.label),
                  .subtitle = "Point: median of the repetitions. Whisker: smallest to largest.",
                  .x_title = "batch (logarithmic)",
                  .panels = {panel_of(sweep, sweep.throughput)},
                  .gaps = {},
                  .mark = std::nullopt};
  if (sweep.memory) chart.panels.push_back(panel_of(sweep, *sweep.memory));
  for (const SweepPoint& point : sweep.points) {
    if (point.standing == Standing::no_result) chart.gaps.push_back(gap_of(point));
  }
  if (sweep.sweet_spot) {
    const std::int64_t batch = sweep.points[*sweep.sweet_spot].batch;
    chart.mark = LineMark{.x = static_cast<double>(batch), .label = fmt::format("sweet spot: {}", batch)};
  }
  return chart;
}

}  // namespace trainbench::report
