#include "report/charts/line_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "report/charts/svg.hpp"
#include "report/text/format.hpp"

namespace trainbench::report {
namespace {

constexpr double kLinePlotWidth = 600;
constexpr double kPlotHeight = 170;
constexpr double kInset = 36;  // from the plot's sides to the first and the last point
constexpr double kTitleHeight = 22;
constexpr double kPanelGap = 18;
constexpr double kMarkHeight = 24;
constexpr double kFootHeight = 46;  // tick labels and the title of x
constexpr int kMostTicks = 5;
constexpr double kTextDrop = svg::kFontSize * 0.35;  // from a text's middle to its baseline

constexpr svg::Style kLineStyle{
    ".line{fill:none;stroke:#3b7dd8;stroke-width:2}.point{fill:#3b7dd8}"
    ".whisker{stroke:#1f2328;stroke-width:1.5;fill:none}.axis{stroke:#8b949e;stroke-width:1}"
    ".grid{stroke:#d8dee4;stroke-width:1}.gap{stroke:#bc4c00;stroke-width:2;fill:none}.gaptext{fill:#bc4c00}"
    ".mark{stroke:#1a7f37;stroke-width:1.5;stroke-dasharray:4 4}.marktext{fill:#1a7f37;font-weight:600}",
    ".line{stroke:#4f8fe6}.point{fill:#4f8fe6}.whisker{stroke:#e6edf3}.grid{stroke:#30363d}"
    ".gap{stroke:#f0883e}.gaptext{fill:#f0883e}.mark{stroke:#3fb950}.marktext{fill:#3fb950}"};

/// Ticks of a y axis from 0: steps of 1, 2 or 5 times a power of ten, at most five of them.
struct Ticks {
  double step = 1;
  int count = 1;

  explicit Ticks(double largest) {
    if (largest <= 0) return;
    const double power = std::pow(10, std::floor(std::log10(largest / kMostTicks)));
    for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
      step = factor * power;
      count = static_cast<int>(std::ceil(largest / step * (1 - 1e-12)));
      if (count <= kMostTicks) break;
    }
    if (std::isfinite(step * count)) return;
    step = largest / kMostTicks;  // a round one would end beyond the largest double
    count = kMostTicks;
  }

  /// Without the zeros that round steps end with: "1.5".
  std::string label(int i) const {
    std::string text = format_number(std::min(step * i, std::numeric_limits<double>::max()));
    const bool plain = text.find('e') == std::string::npos && text.find('.') != std::string::npos;
    if (plain) text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text;
  }
  // Divided first: five times the step may be more than a double holds.
  double share(double value) const { return value / step / count; }
};

double largest_of(const LinePanel& panel) {
  double largest = 0;
  for (const LinePoint& point : panel.points) largest = std::max({largest, point.value, point.high});
  return largest;
}

std::set<double> all_x(const LineChart& chart) {
  std::set<double> all;
  for (const LinePanel& panel : chart.panels) {
    for (const LinePoint& point : panel.points) all.insert(point.x);
  }
  for (const LineGap& gap : chart.gaps) all.insert(gap.x);
  if (chart.mark) all.insert(chart.mark->x);
  if (all.empty()) all.insert(1);
  return all;
}

class Drawing {
 public:
  explicit Drawing(const LineChart& chart) : chart_(chart), x_(all_x(chart)) {
    double label_width = 0;
    for (const LinePanel& panel : chart.panels) {
      const Ticks& ticks = ticks_.emplace_back(largest_of(panel));
      for (int i = 0; i <= ticks.count; ++i)
        label_width = std::max(label_width, svg::width_of(ticks.label(i)));
    }
    left_ = svg::kMargin + label_width + 10;
    first_top_ = svg::kHeadHeight + (chart.mark ? kMarkHeight : 0);
  }

  std::string svg() {
    text_ = svg::begin({.title = chart_.title,
                        .subtitle = chart_.subtitle,
                        .width = svg::fit_width(right() + svg::kMargin, chart_.title, chart_.subtitle),
                        .height = bottom_of(chart_.panels.size() - 1) + kFootHeight},
                       kLineStyle);
    for (std::size_t i = 0; i < chart_.panels.size(); ++i) draw_axes(i);
    if (chart_.mark) draw_mark(*chart_.mark);
    for (std::size_t i = 0; i < chart_.panels.size(); ++i) draw_line(i);
    draw_gaps();
    draw_x_labels();
    return text_ + "</svg>\n";
  }

 private:
  template <typename... Values>
  void add(fmt::format_string<Values...> format, Values&&... values) {
    text_ += fmt::format(format, std::forward<Values>(values)...);
  }

  double right() const { return left_ + kLinePlotWidth; }
  double top_of(std::size_t panel) const {
    return first_top_ + kTitleHeight + static_cast<double>(panel) * (kPlotHeight + kTitleHeight + kPanelGap);
  }
  double bottom_of(std::size_t panel) const { return top_of(panel) + kPlotHeight; }
  double x_of(double x) const {
    const double low = std::log2(*x_.begin());
    const double high = std::log2(*x_.rbegin());
    const double share = high > low ? (std::log2(x) - low) / (high - low) : 0.5;
    return left_ + kInset + share * (kLinePlotWidth - 2 * kInset);
  }
  double y_of(std::size_t panel, double value) const {
    return bottom_of(panel) - kPlotHeight * ticks_[panel].share(value);
  }

  void draw_axes(std::size_t panel) {
    add("<text class=\"quiet\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", left_, top_of(panel) - 8,
        svg::escape(chart_.panels[panel].title));
    const Ticks& ticks = ticks_[panel];
    for (int i = 0; i <= ticks.count; ++i) {
      const double y = bottom_of(panel) - kPlotHeight * i / ticks.count;
      add("<path class=\"{}\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>\n", i == 0 ? "axis" : "grid", left_, y, right());
      add("<text class=\"quiet\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n", left_ - 8,
          y + kTextDrop, svg::escape(ticks.label(i)));
    }
    for (const double x : x_) {
      add("<path class=\"axis\" d=\"M{0:.1f} {1:.1f}V{2:.1f}\"/>\n", x_of(x), bottom_of(panel),
          bottom_of(panel) + 4);
    }
  }

  void draw_line(std::size_t panel) {
    const std::vector<LinePoint>& points = chart_.panels[panel].points;
    std::string path;
    for (const LinePoint& point : points) {
      path +=
          fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x_of(point.x), y_of(panel, point.value));
    }
    if (points.size() > 1) add("<path class=\"line\" d=\"{}\"/>\n", path);
    for (const LinePoint& point : points) {
      const double x = x_of(point.x);
      add("<g><title>{}</title>\n", svg::escape(point.tooltip));
      if (point.high > point.low) {
        add("<path class=\"whisker\" d=\"M{0:.1f} {3:.1f}H{1:.1f}M{0:.1f} {4:.1f}H{1:.1f}M{2:.1f} "
            "{3:.1f}V{4:.1f}\"/>\n",
            x - 4, x + 4, x, y_of(panel, point.low), y_of(panel, point.high));
      }
      add("<circle class=\"point\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/>\n</g>\n", x,
          y_of(panel, point.value));
    }
  }

  void draw_mark(const LineMark& mark) {
    const double x = x_of(mark.x);
    const double half = svg::width_of(mark.label) * 0.55;  // it is bold
    const double middle = std::clamp(x, left_ + half, std::max(left_ + half, right() - half));
    add("<text class=\"marktext\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n", middle,
        svg::kHeadHeight + 14, svg::escape(mark.label));
    for (std::size_t i = 0; i < chart_.panels.size(); ++i)
      add("<path class=\"mark\" d=\"M{:.1f} {:.1f}V{:.1f}\"/>\n", x, top_of(i), bottom_of(i));
  }

  /// A cross on the x axis of every panel; its label in the first, where there is room for it.
  void draw_gaps() {
    double used = 0;
    for (const LineGap& gap : chart_.gaps) {
      const double x = x_of(gap.x);
      for (std::size_t i = 0; i < chart_.panels.size(); ++i) {
        add("<g><title>{0}</title><path class=\"gap\" d=\"M{1:.1f} {3:.1f}L{2:.1f} {4:.1f}M{1:.1f} "
            "{4:.1f}L{2:.1f} {3:.1f}\"/></g>\n",
            svg::escape(gap.tooltip), x - 5, x + 5, bottom_of(i) - 5, bottom_of(i) + 5);
      }
      const double half = svg::width_of(gap.label) / 2;
      if (x - half < used) continue;
      used = x + half + svg::kCharacterWidth;
      add("<text class=\"gaptext\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n", x,
          bottom_of(0) - 12, svg::escape(gap.label));
    }
  }

  /// Those that have room, from the left.
  void draw_x_labels() {
    const double baseline = bottom_of(chart_.panels.size() - 1) + 18;
    double used = 0;
    for (const double x : x_) {
      const std::string label = format_number(x);
      const double half = svg::width_of(label) / 2;
      if (x_of(x) - half < used) continue;
      used = x_of(x) + half + svg::kCharacterWidth;
      add("<text class=\"quiet\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n", x_of(x),
          baseline, svg::escape(label));
    }
    add("<text class=\"quiet\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n",
        left_ + kLinePlotWidth / 2, baseline + 19, svg::escape(chart_.x_title));
  }

  const LineChart& chart_;
  std::set<double> x_;
  std::vector<Ticks> ticks_;
  double left_ = 0;
  double first_top_ = 0;
  std::string text_;
};

}  // namespace

std::string render_svg(const LineChart& chart) {
  return chart.panels.empty() ? "" : Drawing(chart).svg();
}

}  // namespace trainbench::report
