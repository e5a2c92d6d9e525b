#include "report/bar_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/format.hpp"

namespace trainbench::report {
namespace {

// A monospaced face makes the width of a label a matter of counting: nothing can overlap.
constexpr double kFontSize = 13;
constexpr double kCharacterWidth = 0.61 * kFontSize;
constexpr double kRowHeight = 28;
constexpr double kBarHeight = 16;
constexpr double kMargin = 16;
constexpr double kPlotWidth = 480;
constexpr double kHeadHeight = 58;
constexpr std::size_t kLongestLabel = 48;

constexpr std::string_view kStyle =
    "text{font:13px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;fill:#1f2328}"
    ".title{font-weight:600;font-size:15px}.quiet{fill:#59636e}.page{fill:#ffffff}.bar{fill:#3b7dd8}"
    ".whisker{stroke:#1f2328;stroke-width:1.5}.axis{stroke:#8b949e;stroke-width:1}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9198a1}.page{fill:#0d1117}"
    ".bar{fill:#4f8fe6}.whisker{stroke:#e6edf3}}";

std::string escape_xml(std::string_view raw) {
  const std::string text = without_direction_controls(raw);
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        // XML 1.0 has no control characters at all, not even escaped ones.
        result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return result;
}

bool starts_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

std::size_t length_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

/// The middle goes: the family and the last argument tell benchmarks apart.
std::string shortened(const std::string& raw) {
  std::string label = without_direction_controls(raw);
  if (length_of(label) <= kLongestLabel) return label;
  std::vector<std::string> characters;
  for (const char c : label) {
    if (starts_character(c) || characters.empty()) characters.emplace_back();
    characters.back() += c;
  }
  constexpr std::size_t kHead = kLongestLabel / 2;
  constexpr std::size_t kTail = kLongestLabel - kHead - 1;
  std::string result;
  for (std::size_t i = 0; i < kHead; ++i) result += characters[i];
  result += "…";
  for (std::size_t i = characters.size() - kTail; i < characters.size(); ++i) result += characters[i];
  return result;
}

struct Layout {
  double label_width = 0;
  double value_width = 0;
  double largest = 0;
  double head_width = 0;

  explicit Layout(const BarChart& chart)
      : head_width(kCharacterWidth * 1.2 *
                   static_cast<double>(std::max(length_of(chart.title), length_of(chart.subtitle)))) {
    for (const Bar& bar : chart.bars) {
      label_width =
          std::max(label_width, kCharacterWidth * static_cast<double>(length_of(shortened(bar.label))));
      value_width = std::max(value_width, kCharacterWidth * static_cast<double>(length_of(bar.value_text)));
      largest = std::max({largest, bar.value, bar.high});
    }
    if (largest <= 0) largest = 1;
  }

  double plot_left() const { return kMargin + label_width + 10; }
  double width() const {
    return std::max(plot_left() + kPlotWidth + 10 + value_width + kMargin, head_width + 2 * kMargin);
  }
  // Divided first: 480 times 1e308 is no finite number.
  double length_of_bar(double value) const { return kPlotWidth * (value / largest); }
  double x_of(double value) const { return plot_left() + length_of_bar(value); }
};

std::string bar_svg(const Bar& bar, const Layout& layout, double top) {
  const double middle = top + kRowHeight / 2;
  const double baseline = middle + kFontSize * 0.35;
  std::string svg =
      fmt::format("<g><title>{}: {}</title>\n", escape_xml(bar.label), escape_xml(bar.value_text));
  svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
                     layout.plot_left() - 10, baseline, escape_xml(shortened(bar.label)));
  svg +=
      fmt::format("<rect class=\"bar\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n",
                  layout.plot_left(), middle - kBarHeight / 2, layout.length_of_bar(bar.value), kBarHeight);
  if (bar.high > bar.low) {
    svg += fmt::format(
        "<path class=\"whisker\" fill=\"none\" d=\"M{0:.1f} {2:.1f}V{3:.1f}M{0:.1f} {4:.1f}H{1:.1f}M{1:.1f} "
        "{2:.1f}V{3:.1f}\"/>\n",
        layout.x_of(bar.low), layout.x_of(bar.high), middle - 4, middle + 4, middle);
  }
  svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n</g>\n",
                     layout.x_of(std::max(bar.value, bar.high)) + 10, baseline, escape_xml(bar.value_text));
  return svg;
}

}  // namespace

std::string render_svg(const BarChart& chart) {
  const Layout layout(chart);
  const double bottom = kHeadHeight + kRowHeight * static_cast<double>(chart.bars.size());
  const double width = std::ceil(layout.width());
  const double height = bottom + kMargin;
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} "
      "{1:.0f}\" role=\"img\">\n<title>{2}</title>\n<style>{3}</style>\n",
      width, height, escape_xml(chart.title), kStyle);
  svg += "<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n";
  svg += fmt::format("<text class=\"title\" x=\"{:.0f}\" y=\"26\">{}</text>\n", kMargin,
                     escape_xml(chart.title));
  svg += fmt::format("<text class=\"quiet\" x=\"{:.0f}\" y=\"46\">{}</text>\n", kMargin,
                     escape_xml(chart.subtitle));
  for (std::size_t i = 0; i < chart.bars.size(); ++i)
    svg += bar_svg(chart.bars[i], layout, kHeadHeight + kRowHeight * static_cast<double>(i));
  svg += fmt::format("<path class=\"axis\" d=\"M{0:.1f} {1:.1f}V{2:.1f}\"/>\n</svg>\n", layout.plot_left(),
                     kHeadHeight, bottom);
  return svg;
}

}  // namespace trainbench::report
