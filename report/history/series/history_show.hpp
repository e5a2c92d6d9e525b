#pragma once

#include <span>
#include <string>
#include <vector>

#include "report/history/series/analysed_series.hpp"

namespace trainbench::report::history {

/// A series as `show` prints it.
struct ShownSeries {
  AnalysedSeries series;
  std::string machine;  // its name
  std::string chart;    // the chart's file name; empty for none
};

/// GitHub's markdown: of each series where it stands now, a sparkline, its chart, its changes, and its runs,
/// newest first. Rows are left out from the oldest where they do not fit into `budget` bytes.
std::string shown_markdown(std::span<const ShownSeries> all, std::span<const std::string> problems,
                           std::size_t budget);

/// The same for a terminal, with every run.
std::string shown_text(std::span<const ShownSeries> all, std::span<const std::string> problems);

/// Everything, on one line: {"history_show": 1, "series": [{..., "points": [...], ...}], "problems": [...]}.
std::string shown_json(std::span<const ShownSeries> all, std::span<const std::string> problems);

}  // namespace trainbench::report::history
