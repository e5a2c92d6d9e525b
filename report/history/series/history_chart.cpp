#include "report/history/series/history_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "report/charts/svg.hpp"
#include "report/history/series/history_chart_layout.hpp"
#include "report/history/series/history_text.hpp"

namespace trainbench::report::history {
namespace {

constexpr double kFootHeight = 30;  // of the commits' labels
constexpr double kLegendRowHeight = 22;
constexpr double kLegendSymbolWidth = 24;
constexpr double kTextDropOfLabel = svg::kFontSize * 0.35;  // from a text's middle to its baseline
constexpr double kSignRadius = 8;

constexpr svg::Style kHistoryStyle{
    ".band{fill:#3b7dd8;fill-opacity:.13}.median{stroke:#3b7dd8;stroke-width:1.5}.point{fill:#3b7dd8}"
    ".whisker{stroke:#3b7dd8;stroke-opacity:.45}.axis{stroke:#8b949e}.grid{stroke:#d8dee4}"
    ".outlier{fill:none;stroke:#1f2328;stroke-width:1.3}.change{stroke-dasharray:3 3;fill:none}"
    ".worse{stroke:#cf222e}.better{stroke:#1a7f37}.moved{stroke:#8250df}"
    ".sign{stroke-width:1.6;fill:#ffffff}.sign.worse.sure{fill:#cf222e}.sign.better.sure{fill:#1a7f37}"
    ".sign.moved.sure{fill:#8250df}.glyph{fill:none;stroke-width:1.8}.glyph.sure{stroke:#ffffff}"
    ".flag{stroke:#9a6700;fill:#9a6700}.strong{font-weight:600}",
    ".band{fill:#4f8fe6;fill-opacity:.2}.median{stroke:#6ea8f7}.point{fill:#6ea8f7}.whisker{stroke:#6ea8f7}"
    ".grid{stroke:#30363d}.outlier{stroke:#e6edf3}.worse{stroke:#f85149}.better{stroke:#3fb950}"
    ".moved{stroke:#a371f7}.sign{fill:#0d1117}.sign.worse.sure{fill:#f85149}.sign.better.sure{fill:#3fb950}"
    ".sign.moved.sure{fill:#a371f7}.glyph.sure{stroke:#0d1117}.flag{stroke:#d29922;fill:#d29922}"};

enum class Symbol { point, whisker, band, worse, better, moved, tentative, flag, outlier };

struct LegendItem {
  Symbol symbol;
  std::string text;
};

/// A cross, a tick or a diamond around (x, y).
std::string glyph_path(Direction direction, double x, double y) {
  switch (direction) {
    case Direction::worse:
      return fmt::format("M{0:.1f} {2:.1f}L{1:.1f} {3:.1f}M{0:.1f} {3:.1f}L{1:.1f} {2:.1f}", x - 3, x + 3,
                         y - 3, y + 3);
    case Direction::better:
      return fmt::format("M{:.1f} {:.1f}L{:.1f} {:.1f}L{:.1f} {:.1f}", x - 4, y, x - 1.2, y + 3, x + 4,
                         y - 3.2);
    case Direction::moved:
      return fmt::format("M{0:.1f} {4:.1f}L{1:.1f} {3:.1f}L{0:.1f} {5:.1f}L{2:.1f} {3:.1f}Z", x, x + 4, x - 4,
                         y, y - 4, y + 4);
  }
  return "";
}

std::string sign_svg(Direction direction, bool tentative, double x, double y) {
  const std::string_view of_direction = to_string(direction);
  const std::string_view sure = tentative ? "" : " sure";
  return fmt::format(
      "<circle class=\"sign {0}{1}\" cx=\"{2:.1f}\" cy=\"{3:.1f}\" r=\"{4:.0f}\"/><path class=\"glyph "
      "{0}{1}\" "
      "d=\"{5}\"/>",
      of_direction, sure, x, y, kSignRadius, glyph_path(direction, x, y));
}

std::string flag_svg(double x, double y) {
  return fmt::format(
      "<path class=\"flag\" d=\"M{0:.1f} {1:.1f}L{0:.1f} {2:.1f}L{3:.1f} {4:.1f}L{0:.1f} {5:.1f}Z\"/>", x,
      y + 7, y - 7, x + 9, y - 3.5, y);
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (!part.empty()) text += (text.empty() ? "" : " · ") + part;
  }
  return text;
}

std::string tooltip_of(const std::string& metric, const Point& point) {
  std::string value = text_of_value(metric, point.value);
  if (point.high > point.low) {
    value += fmt::format(" ({} to {})", text_of_value(metric, point.low), text_of_value(metric, point.high));
  }
  return joined({name_of_commit(point), point.commit.subject, day_of(point.started), value,
                 counted(point.num_values, "process", "processes")});
}

class HistoryDrawing {
 public:
  HistoryDrawing(const AnalysedSeries& series, const std::string& machine)
      : series_(series), machine_(machine), layout_(layout_of(series)) {
    for (LegendItem& item : legend_items()) {
      const double width = kLegendSymbolWidth + svg::width_of(item.text) + 2 * svg::kCharacterWidth;
      if (legend_.empty() || legend_width_ + width > kHistoryPlotWidth) {
        legend_.emplace_back();
        legend_width_ = 0;
      }
      legend_width_ += width;
      legend_.back().push_back(std::move(item));
    }
  }

  std::string svg() {
    const std::string title = svg::shortened(series_.history.key.benchmark);
    const std::string subtitle = subtitle_text();
    const double height = layout_.bottom() + kFootHeight +
                          kLegendRowHeight * static_cast<double>(legend_.size()) + svg::kMargin / 2;
    text_ = svg::begin({.title = title,
                        .subtitle = subtitle,
                        .width = svg::fit_width(layout_.right() + svg::kMargin, title, subtitle),
                        .height = height},
                       kHistoryStyle);
    draw_segments();
    draw_axes();
    draw_points();
    draw_signs();
    draw_labels();
    draw_legend();
    return text_ + "</svg>\n";
  }

 private:
  template <typename... Values>
  void add(fmt::format_string<Values...> format, Values&&... values) {
    text_ += fmt::format(format, std::forward<Values>(values)...);
  }

  const std::string& metric() const { return series_.history.key.metric; }

  std::string subtitle_text() const {
    const std::vector<Point>& points = series_.history.points;
    const std::string first = day_of(points.front().started);
    const std::string last = day_of(points.back().started);
    return joined({title_of_metric(metric()), counted(points.size(), "run", "runs"),
                   first == last ? last : fmt::format("{} to {}", first, last), series_.history.key.branch,
                   machine_});
  }

  void draw_segments() {
    for (const Segment& segment : series_.analysis.segments) {
      const double x = layout_.x_of(static_cast<double>(segment.begin));
      const double end = layout_.x_of(static_cast<double>(segment.end));
      const double top = layout_.y_of(segment.high);
      const double bottom = layout_.y_of(segment.low);
      add("<g><title>{}</title><rect class=\"band\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
          "height=\"{:.1f}\"/><path class=\"median\" d=\"M{:.1f} {:.1f}H{:.1f}\"/></g>\n",
          svg::escape(
              fmt::format("{}: median {}, {} to {}", counted(segment.end - segment.begin, "run", "runs"),
                          text_of_value(metric(), segment.median), text_of_value(metric(), segment.low),
                          text_of_value(metric(), segment.high))),
          x, top, end - x, std::max(bottom - top, 0.0), x, layout_.y_of(segment.median), end);
    }
  }

  void draw_axes() {
    add("<text class=\"quiet\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", layout_.left, svg::kHeadHeight + 14,
        svg::escape(joined({layout_.unit.unit, std::string(text_of_preference(series_.rule.better))})));
    for (const ValueTick& tick : layout_.ticks) {
      const double y = layout_.bottom() - kHistoryPlotHeight * layout_.range.share_of(tick.value);
      add("<path class=\"grid\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>\n", layout_.left, y, layout_.right());
      add("<text class=\"quiet\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n", layout_.left - 8,
          y + kTextDropOfLabel, svg::escape(tick.label));
    }
    add("<path class=\"axis\" d=\"M{0:.1f} {1:.1f}H{2:.1f}\"/>\n", layout_.left, layout_.bottom(),
        layout_.right());
  }

  void draw_points() {
    const std::vector<Point>& points = series_.history.points;
    const std::set<std::size_t> outliers(series_.analysis.outliers.begin(), series_.analysis.outliers.end());
    const double apart = kHistoryPlotWidth / static_cast<double>(points.size());
    const double radius = std::clamp(apart * 0.35, 1.2, 3.5);
    for (std::size_t i = 0; i < points.size(); ++i) {
      const double x = layout_.x_of(static_cast<double>(i) + 0.5);
      const double y = layout_.y_of(points[i].value);
      add("<g><title>{}</title>", svg::escape(tooltip_of(metric(), points[i])));
      if (points[i].high > points[i].low) {
        add("<path class=\"whisker\" d=\"M{:.1f} {:.1f}V{:.1f}\"/>", x, layout_.y_of(points[i].low),
            layout_.y_of(points[i].high));
      }
      if (outliers.contains(i))
        add("<circle class=\"outlier\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\"/>", x, y, radius + 2.5);
      add("<circle class=\"point\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\"/></g>\n", x, y, radius);
    }
  }

  std::string title_of_sign(const SeriesChange& change) const {
    const std::vector<Point>& points = series_.history.points;
    return joined({text_of_direction(change.direction),
                   fmt::format("{} to {} ({})", text_of_value(metric(), change.before),
                               text_of_value(metric(), change.after),
                               text_of_difference(metric(), series_.rule, change.before, change.after)),
                   name_of_commit(points[change.index]), points[change.index].commit.subject,
                   state_of(change)});
  }

  void draw_signs() {
    for (const ChartSign& sign : layout_.signs) {
      const SeriesChange& change = series_.analysis.changes[sign.change];
      const double y = layout_.top - 12 - kSignRowHeight * static_cast<double>(sign.row);
      add("<g><title>{}</title><path class=\"change {}\" d=\"M{:.1f} {:.1f}V{:.1f}\"/>",
          svg::escape(title_of_sign(change)), to_string(change.direction), sign.x, y + kSignRadius,
          layout_.bottom());
      text_ += sign_svg(change.direction, change.tentative, sign.x, y);
      if (change.mark) text_ += flag_svg(sign.x + 13, y);
      text_ += "</g>\n";
    }
  }

  void draw_labels() {
    for (const ChartLabel& label : layout_.labels) {
      const double x = layout_.x_of(static_cast<double>(label.point) + 0.5);
      add("<path class=\"axis\" d=\"M{0:.1f} {1:.1f}V{2:.1f}\"/>\n", x, layout_.bottom(),
          layout_.bottom() + 4);
      add("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n",
          label.is_change ? "strong" : "quiet", label.x, layout_.bottom() + 18, svg::escape(label.text));
    }
  }

  std::vector<LegendItem> legend_items() const {
    std::vector<LegendItem> items{{Symbol::point, "a run's median"}};
    const auto& points = series_.history.points;
    if (std::any_of(points.begin(), points.end(), [](const Point& point) { return point.high > point.low; }))
      items.push_back({Symbol::whisker, "lowest to highest process"});
    items.push_back({Symbol::band, "median of a segment, where 95 % lie"});
    std::set<Symbol> seen;
    for (const SeriesChange& change : series_.analysis.changes) {
      seen.insert(change.direction == Direction::worse    ? Symbol::worse
                  : change.direction == Direction::better ? Symbol::better
                                                          : Symbol::moved);
      if (change.tentative) seen.insert(Symbol::tentative);
      if (change.mark) seen.insert(Symbol::flag);
    }
    if (!series_.analysis.outliers.empty()) seen.insert(Symbol::outlier);
    for (const Symbol symbol : seen) items.push_back({symbol, std::string(legend_text(symbol))});
    return items;
  }

  static std::string_view legend_text(Symbol symbol) {
    switch (symbol) {
      case Symbol::worse:
        return "worse";
      case Symbol::better:
        return "better";
      case Symbol::moved:
        return "moved";
      case Symbol::tentative:
        return "hollow: tentative";
      case Symbol::flag:
        return "marked";
      case Symbol::outlier:
        return "outlier";
      case Symbol::point:
      case Symbol::whisker:
      case Symbol::band:
        break;
    }
    return "";
  }

  /// Around (x, y).
  static std::string symbol_svg(Symbol symbol, double x, double y) {
    switch (symbol) {
      case Symbol::point:
        return fmt::format("<circle class=\"point\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\"/>", x, y);
      case Symbol::whisker:
        return fmt::format("<path class=\"whisker\" d=\"M{:.1f} {:.1f}V{:.1f}\"/>", x, y - 7, y + 7);
      case Symbol::band:
        return fmt::format(
            "<rect class=\"band\" x=\"{0:.1f}\" y=\"{1:.1f}\" width=\"16\" height=\"12\"/><path "
            "class=\"median\" "
            "d=\"M{0:.1f} {2:.1f}H{3:.1f}\"/>",
            x - 8, y - 6, y, x + 8);
      case Symbol::worse:
        return sign_svg(Direction::worse, false, x, y);
      case Symbol::better:
        return sign_svg(Direction::better, false, x, y);
      case Symbol::moved:
        return sign_svg(Direction::moved, false, x, y);
      case Symbol::tentative:
        return fmt::format("<circle class=\"sign moved\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.0f}\"/>", x, y,
                           kSignRadius);
      case Symbol::flag:
        return flag_svg(x - 4, y);
      case Symbol::outlier:
        return fmt::format(
            "<circle class=\"outlier\" cx=\"{0:.1f}\" cy=\"{1:.1f}\" r=\"6\"/><circle "
            "class=\"point\" cx=\"{0:.1f}\" cy=\"{1:.1f}\" r=\"3\"/>",
            x, y);
    }
    return "";
  }

  void draw_legend() {
    for (std::size_t row = 0; row < legend_.size(); ++row) {
      const double y = layout_.bottom() + kFootHeight + kLegendRowHeight * (static_cast<double>(row) + 0.5);
      double x = layout_.left;
      for (const LegendItem& item : legend_[row]) {
        add("{}<text class=\"quiet\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
            symbol_svg(item.symbol, x + 8, y), x + kLegendSymbolWidth, y + kTextDropOfLabel,
            svg::escape(item.text));
        x += kLegendSymbolWidth + svg::width_of(item.text) + 2 * svg::kCharacterWidth;
      }
    }
  }

  const AnalysedSeries& series_;
  const std::string& machine_;
  HistoryChartLayout layout_;
  std::vector<std::vector<LegendItem>> legend_;
  double legend_width_ = 0;
  std::string text_;
};

}  // namespace

std::string history_svg(const AnalysedSeries& series, const std::string& machine) {
  return HistoryDrawing(series, machine).svg();
}

}  // namespace trainbench::report::history
