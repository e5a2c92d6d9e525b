#pragma once

#include <string>
#include <vector>

namespace trainbench::report {

/// One bar of a chart: `value` with its whisker from `low` to `high`, all at least 0.
struct Bar {
  std::string label;
  double value = 0;
  double low = 0;
  double high = 0;
  std::string value_text;
};

struct BarChart {
  std::string title;
  std::string subtitle;
  std::vector<Bar> bars;
};

/// Horizontal bars as one SVG file, readable on light and dark pages. Labels beyond 48 characters are
/// shortened and given whole as tooltip. The same chart gives the same bytes.
std::string render_svg(const BarChart& chart);

}  // namespace trainbench::report
