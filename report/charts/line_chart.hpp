#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace trainbench::report {

/// One point of a line: `value` with its whisker from `low` to `high`, all at least 0.
struct LinePoint {
  double x = 1;  // above 0
  double value = 0;
  double low = 0;
  double high = 0;
  std::string tooltip;
};

/// One line over the chart's x axis, with a y axis of its own that begins at 0.
struct LinePanel {
  std::string title;
  std::vector<LinePoint> points;  // x ascends
};

/// A value of x that has no result.
struct LineGap {
  double x = 1;  // above 0
  std::string label;
  std::string tooltip;
};

/// What the chart points out.
struct LineMark {
  double x = 1;  // above 0
  std::string label;
};

struct LineChart {
  std::string title;
  std::string subtitle;
  std::string x_title;
  std::vector<LinePanel> panels;  // one below the other, over the same x axis
  std::vector<LineGap> gaps;
  std::optional<LineMark> mark;
};

/// Lines over a logarithmic x axis (base 2) as one SVG file, readable on light and dark pages. The same chart
/// gives the same bytes.
std::string render_svg(const LineChart& chart);

}  // namespace trainbench::report
