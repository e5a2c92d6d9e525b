#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/charts/bar_chart.hpp"
#include "report/charts/line_chart.hpp"
#include "report/results/result_set.hpp"
#include "report/run/series.hpp"

namespace trainbench::report {

struct ReportOptions {
  std::optional<std::size_t> max_rows = 200;  // of one table; nothing for all
  // Charts stand beside the report as "<stem>-<suffix>.svg"; empty for none.
  std::string chart_stem;
};

/// The chart that goes with a report: throughput where any row has one, else the time per iteration.
struct ReportChart {
  std::string suffix;  // "throughput" or "time"
  BarChart chart;      // at most 40 bars
};

/// Nothing where no row has a value. `series` is group_series of `num_runs` result sets.
std::optional<ReportChart> chart_of(std::span<const Series> series, std::size_t num_runs);

/// The chart of one sweep.
struct SweepChart {
  std::string suffix;  // "sweep-" and the sweep's name in letters, digits, '_' and '-'; no two are the same
  LineChart chart;
};

/// Of the sweeps that a report shows, at most 12, in their order.
std::vector<SweepChart> sweep_charts_of(std::span<const Series> series, std::size_t num_runs);

/// The file's name of a chart.
std::string chart_name(std::string_view stem, std::string_view suffix);

/// The whole report in GitHub's markdown: the same results and options give the same bytes. `series` is
/// group_series of `runs`.
std::string render_report(std::span<const ResultSet> runs, std::span<const Series> series,
                          const ReportOptions& options);

}  // namespace trainbench::report
