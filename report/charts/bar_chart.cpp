#include "report/charts/bar_chart.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "report/charts/svg.hpp"

namespace trainbench::report {
namespace {

constexpr double kRowHeight = 28;
constexpr double kBarHeight = 16;
constexpr double kPlotWidth = 480;

constexpr svg::Style kStyle{
    ".bar{fill:#3b7dd8}.whisker{stroke:#1f2328;stroke-width:1.5}.axis{stroke:#8b949e;stroke-width:1}",
    ".bar{fill:#4f8fe6}.whisker{stroke:#e6edf3}"};

struct Layout {
  double label_width = 0;
  double value_width = 0;
  double largest = 0;

  explicit Layout(const BarChart& chart) {
    for (const Bar& bar : chart.bars) {
      label_width = std::max(label_width, svg::width_of(svg::shortened(bar.label)));
      value_width = std::max(value_width, svg::width_of(bar.value_text));
      largest = std::max({largest, bar.value, bar.high});
    }
    if (largest <= 0) largest = 1;
  }

  double plot_left() const { return svg::kMargin + label_width + 10; }
  double width() const { return plot_left() + kPlotWidth + 10 + value_width + svg::kMargin; }
  // Divided first: 480 times 1e308 is no finite number.
  double length_of_bar(double value) const { return kPlotWidth * (value / largest); }
  double x_of(double value) const { return plot_left() + length_of_bar(value); }
};

std::string bar_svg(const Bar& bar, const Layout& layout, double top) {
  const double middle = top + kRowHeight / 2;
  const double baseline = middle + svg::kFontSize * 0.35;
  std::string text =
      fmt::format("<g><title>{}: {}</title>\n", svg::escape(bar.label), svg::escape(bar.value_text));
  text += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
                      layout.plot_left() - 10, baseline, svg::escape(svg::shortened(bar.label)));
  text +=
      fmt::format("<rect class=\"bar\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n",
                  layout.plot_left(), middle - kBarHeight / 2, layout.length_of_bar(bar.value), kBarHeight);
  if (bar.high > bar.low) {
    text += fmt::format(
        "<path class=\"whisker\" fill=\"none\" d=\"M{0:.1f} {2:.1f}V{3:.1f}M{0:.1f} {4:.1f}H{1:.1f}M{1:.1f} "
        "{2:.1f}V{3:.1f}\"/>\n",
        layout.x_of(bar.low), layout.x_of(bar.high), middle - 4, middle + 4, middle);
  }
  text += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n</g>\n",
                      layout.x_of(std::max(bar.value, bar.high)) + 10, baseline, svg::escape(bar.value_text));
  return text;
}

}  // namespace

std::string render_svg(const BarChart& chart) {
  const Layout layout(chart);
  const double bottom = svg::kHeadHeight + kRowHeight * static_cast<double>(chart.bars.size());
  std::string text = svg::begin({.title = chart.title,
                                 .subtitle = chart.subtitle,
                                 .width = svg::fit_width(layout.width(), chart.title, chart.subtitle),
                                 .height = bottom + svg::kMargin},
                                kStyle);
  for (std::size_t i = 0; i < chart.bars.size(); ++i)
    text += bar_svg(chart.bars[i], layout, svg::kHeadHeight + kRowHeight * static_cast<double>(i));
  text += fmt::format("<path class=\"axis\" d=\"M{0:.1f} {1:.1f}V{2:.1f}\"/>\n</svg>\n", layout.plot_left(),
                      svg::kHeadHeight, bottom);
  return text;
}

}  // namespace trainbench::report
