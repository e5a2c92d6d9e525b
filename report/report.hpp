#pragma once

#include <optional>
#include <span>
#include <string>

#include "report/bar_chart.hpp"
#include "report/result_set.hpp"
#include "report/series.hpp"

namespace trainbench::report {

struct ReportOptions {
  std::optional<std::size_t> max_rows = 200;  // of one table; nothing for all
  std::string chart_link;                     // relative path of the chart; empty for no chart
};

/// The chart that goes with a report: throughput where any row has one, else the time per iteration.
struct ReportChart {
  std::string suffix;  // "throughput" or "time"
  BarChart chart;      // at most 40 bars
};

/// Nothing where no row has a value. `series` is group_series of `num_runs` result sets.
std::optional<ReportChart> chart_of(std::span<const Series> series, std::size_t num_runs);

/// The whole report in GitHub's markdown: the same results and options give the same bytes. `series` is
/// group_series of `runs`.
std::string render_report(std::span<const ResultSet> runs, std::span<const Series> series,
                          const ReportOptions& options);

}  // namespace trainbench::report
