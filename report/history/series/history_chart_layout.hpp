#pragma once

#include <string>
#include <vector>

#include "report/history/series/analysed_series.hpp"
#include "report/history/series/value_scale.hpp"

namespace trainbench::report::history {

inline constexpr double kHistoryPlotWidth = 760;
inline constexpr double kHistoryPlotHeight = 240;
inline constexpr double kSignRowHeight = 22;

/// The sign of one change, above the plot.
struct ChartSign {
  std::size_t change = 0;  // index of it
  double x = 0;            // of the boundary between the segments
  std::size_t row = 0;     // 0 is nearest to the plot
};

/// The label of one point, below the plot.
struct ChartLabel {
  std::size_t point = 0;
  double x = 0;  // of its middle
  std::string text;
  bool is_change = false;
};

/// Where things stand in the chart of one series, in pixels.
struct HistoryChartLayout {
  DisplayUnit unit;
  ValueRange range;  // in the display unit
  std::vector<ValueTick> ticks;
  std::vector<ChartSign> signs;
  std::vector<ChartLabel> labels;
  double left = 0;
  double top = 0;

  double right() const { return left + kHistoryPlotWidth; }
  double bottom() const { return top + kHistoryPlotHeight; }
  /// Of a position in the series, 0 at the left edge of its first point.
  double x_of(double position) const;
  double y_of(double value) const;  // of a value in the metric's unit; no further than the plot's edges

  std::size_t num_points = 1;
};

/// The series has at least one point.
HistoryChartLayout layout_of(const AnalysedSeries& series);

/// The values that the axis of y shows, in the metric's unit: the points that are no outliers, the segments'
/// limits and all but a twentieth of the runs' lowest and highest processes, but these two no further than
/// the points' own range beyond it.
ValueRange range_of(const AnalysedSeries& series);

}  // namespace trainbench::report::history
