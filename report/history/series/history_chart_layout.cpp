#include "report/history/series/history_chart_layout.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <set>

#include "report/charts/svg.hpp"
#include "report/history/series/history_text.hpp"

namespace trainbench::report::history {
namespace {

constexpr double kPlotInset = 6;
constexpr double kSignWidth = 20;
constexpr double kFlagWidth = 16;
constexpr std::size_t kMostSignRows = 4;
constexpr int kMostValueTicks = 6;
constexpr std::size_t kPointsForOneStray = 20;
constexpr double kGapAroundRange = 0.04;
constexpr double kLabelGap = 2 * svg::kCharacterWidth;

void widen(ValueRange& range, double value, const ValueRange& limit) {
  range.low = std::min(range.low, std::max(value, limit.low));
  range.high = std::max(range.high, std::min(value, limit.high));
}

double finite(double value) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  return std::clamp(value, -kLargest, kLargest);
}

ValueRange range_without_outliers(const AnalysedSeries& series) {
  const std::vector<Point>& points = series.history.points;
  const std::set<std::size_t> outliers(series.analysis.outliers.begin(), series.analysis.outliers.end());
  ValueRange range{.low = std::numeric_limits<double>::infinity(),
                   .high = -std::numeric_limits<double>::infinity()};
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (outliers.contains(i) && outliers.size() < points.size()) continue;
    range.low = std::min(range.low, points[i].value);
    range.high = std::max(range.high, points[i].value);
  }
  return range;
}

/// In the first row, from the plot upwards, that has room at x; the last one where none has.
std::vector<ChartSign> signs_of(const AnalysedSeries& series, const HistoryChartLayout& layout) {
  std::vector<double> used(kMostSignRows, -std::numeric_limits<double>::infinity());
  std::vector<ChartSign> signs;
  for (std::size_t i = 0; i < series.analysis.changes.size(); ++i) {
    const SeriesChange& change = series.analysis.changes[i];
    const double x = layout.x_of(static_cast<double>(change.index));
    std::size_t row = 0;
    while (row + 1 < kMostSignRows && x - kSignWidth / 2 < used[row]) ++row;
    used[row] = x + kSignWidth / 2 + (change.mark ? kFlagWidth : 0);
    signs.push_back({.change = i, .x = x, .row = row});
  }
  return signs;
}

/// Points in the order in which they get their labels: those after changes, newest first, then the last and
/// the first, then those that halve what is left.
std::vector<std::size_t> by_importance(const AnalysedSeries& series) {
  const std::size_t num_points = series.history.points.size();
  std::vector<std::size_t> order;
  const auto& changes = series.analysis.changes;
  for (auto change = changes.rbegin(); change != changes.rend(); ++change) order.push_back(change->index);
  order.push_back(num_points - 1);
  order.push_back(0);
  for (std::size_t parts = 2; parts < 2 * num_points && parts <= 64; parts *= 2) {
    for (std::size_t i = 1; i < parts; i += 2) order.push_back(i * (num_points - 1) / parts);
  }
  return order;
}

std::vector<ChartLabel> labels_of(const AnalysedSeries& series, const HistoryChartLayout& layout) {
  std::vector<ChartLabel> labels;
  const std::size_t num_changes = series.analysis.changes.size();
  const std::vector<std::size_t> order = by_importance(series);
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    ChartLabel label{.point = order[rank], .text = short_name_of_commit(series.history.points[order[rank]])};
    const double width = svg::width_of(label.text);
    label.x = std::clamp(layout.x_of(static_cast<double>(label.point) + 0.5), layout.left + width / 2,
                         layout.right() - width / 2);
    label.is_change = rank < num_changes;
    const bool fits = std::none_of(labels.begin(), labels.end(), [&](const ChartLabel& other) {
      const double apart = (width + svg::width_of(other.text)) / 2 + kLabelGap;
      return other.point == label.point || std::abs(other.x - label.x) < apart;
    });
    if (fits) labels.push_back(std::move(label));
  }
  std::sort(labels.begin(), labels.end(),
            [](const ChartLabel& a, const ChartLabel& b) { return a.point < b.point; });
  return labels;
}

}  // namespace

double HistoryChartLayout::x_of(double position) const {
  const double width = kHistoryPlotWidth - 2 * kPlotInset;
  return left + kPlotInset + width * position / static_cast<double>(num_points);
}

double HistoryChartLayout::y_of(double value) const {
  return bottom() - kHistoryPlotHeight * range.share_of(finite(value * unit.factor));
}

ValueRange range_of(const AnalysedSeries& series) {
  ValueRange range = range_without_outliers(series);
  double apart = range.high - range.low;
  if (apart == 0) apart = range.high == 0 ? 1 : 0.05 * std::abs(range.high);
  const ValueRange limit{.low = finite(range.low - apart), .high = finite(range.high + apart)};
  for (const Segment& segment : series.analysis.segments) {
    widen(range, segment.low, limit);
    widen(range, segment.high, limit);
  }
  std::vector<double> lows;
  std::vector<double> highs;
  for (const Point& point : series.history.points) {
    lows.push_back(point.low);
    highs.push_back(point.high);
  }
  std::sort(lows.begin(), lows.end());
  std::sort(highs.begin(), highs.end(), std::greater<>());
  // A stray process of a run makes no axis.
  const std::size_t num_stray = (lows.size() - 1) / kPointsForOneStray;
  widen(range, lows[num_stray], limit);
  widen(range, highs[num_stray], limit);
  const double least = std::min(range.low, lows.front());
  if (range.low == range.high) range = limit;
  const double gap = kGapAroundRange * range.high - kGapAroundRange * range.low;
  range = {.low = finite(range.low - gap), .high = finite(range.high + gap)};
  if (least >= 0) range.low = std::max(range.low, 0.0);  // no axis below 0 for what is never negative
  return range;
}

HistoryChartLayout layout_of(const AnalysedSeries& series) {
  HistoryChartLayout layout;
  layout.num_points = series.history.points.size();
  const ValueRange range = range_of(series);
  layout.unit =
      display_unit_of(series.history.key.metric, std::max(std::abs(range.low), std::abs(range.high)));
  layout.range = {.low = finite(range.low * layout.unit.factor),
                  .high = finite(range.high * layout.unit.factor)};
  layout.ticks = ticks_in(layout.range, kMostValueTicks);
  double label_width = 0;
  for (const ValueTick& tick : layout.ticks) label_width = std::max(label_width, svg::width_of(tick.label));
  layout.left = svg::kMargin + label_width + 10;
  layout.signs = signs_of(series, layout);
  std::size_t num_rows = 0;
  for (const ChartSign& sign : layout.signs) num_rows = std::max(num_rows, sign.row + 1);
  layout.top = svg::kHeadHeight + 22 + kSignRowHeight * static_cast<double>(num_rows);
  layout.labels = labels_of(series, layout);
  return layout;
}

}  // namespace trainbench::report::history
