#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/charts/svg.hpp"
#include "report/profile/profile_sections.hpp"
#include "report/text/format.hpp"

namespace trainbench::report {
namespace {

using namespace profile;  // NOLINT: this file draws what that layer computes

constexpr double kWidth = 960;
constexpr double kBarTop = 62;
constexpr double kStackHeight = 44;
constexpr double kLegendTop = 136;
constexpr double kLegendRow = 20;
constexpr std::size_t kPartsOfAPhase = 4;

constexpr svg::Style kStackStyle{.light = "rect.part{stroke:#ffffff;stroke-width:1}",
                                 .dark = "rect.part{stroke:#0d1117}"};

/// One hue a phase; its parts get lighter.
std::string_view colour_of(StepPhase phase) {
  switch (phase) {
    case StepPhase::load:
      return "#8250df";
    case StepPhase::forward:
      return "#1f6feb";
    case StepPhase::loss:
      return "#0a7f9c";
    case StepPhase::backward:
      return "#c4622d";
    case StepPhase::optimizer:
      return "#2da44e";
    case StepPhase::none:
      return "#8b949e";
  }
  return "";
}

struct Part {
  StepPhase phase = StepPhase::none;
  std::string name;
  std::int64_t ns = 0;
  double opacity = 1;
};

/// The phases in order, each as its largest rows and the rest; they sum to the step.
std::vector<Part> parts_of(const ProfileSums& sums) {
  std::vector<Part> parts;
  for (const StepPhase phase : kStepPhases) {
    std::size_t taken = 0;
    Part rest{.phase = phase, .name = "(rest)", .ns = 0, .opacity = 0.3};
    for (const HostRow& row : sums.host) {
      if (row.phase != phase || row.self_ns == 0) continue;
      if (taken == kPartsOfAPhase) {
        rest.ns += row.self_ns;
        continue;
      }
      parts.push_back({phase, row.name, row.self_ns, 1 - 0.15 * static_cast<double>(taken)});
      ++taken;
    }
    if (rest.ns > 0) parts.push_back(rest);
  }
  return parts;
}

std::string text_of(const ProfileSums& sums, const Part& part) {
  const std::string phase = part.phase == StepPhase::none ? "" : std::string(to_string(part.phase)) + ": ";
  return fmt::format("{}{} {} ms ({})", phase, part.name, format_fixed(sums.per_step_ms(part.ns), 3),
                     format_percent(sums.share(part.ns)));
}

}  // namespace

std::string step_bar(const ProfileSums& sums, const std::string& title) {
  const std::vector<Part> parts = parts_of(sums);
  const double height = kLegendTop + kLegendRow * static_cast<double>(parts.size()) + svg::kMargin;
  const std::string subtitle = fmt::format("One step, {} ms: the main thread's self times by phase",
                                           format_fixed(sums.per_step_ms(sums.window_ns), 2));
  std::string text =
      svg::begin({.title = title, .subtitle = subtitle, .width = kWidth, .height = height}, kStackStyle);
  const double scale =
      (kWidth - 2 * svg::kMargin) / static_cast<double>(std::max<std::int64_t>(sums.window_ns, 1));
  double x = svg::kMargin;
  double y = kLegendTop;
  for (const Part& part : parts) {
    const double width = scale * static_cast<double>(part.ns);
    const std::string label = svg::escape(text_of(sums, part));
    text += fmt::format(
        "<rect class=\"part\" x=\"{:.2f}\" y=\"{:.0f}\" width=\"{:.2f}\" height=\"{:.0f}\" fill=\"{}\" "
        "fill-opacity=\"{:.2f}\"><title>{}</title></rect>\n",
        x, kBarTop, width, kStackHeight, colour_of(part.phase), part.opacity, label);
    text += fmt::format(
        "<rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"12\" height=\"12\" fill=\"{}\" fill-opacity=\"{:.2f}\"/>\n"
        "<text x=\"{:.0f}\" y=\"{:.0f}\">{}</text>\n",
        svg::kMargin, y - 11, colour_of(part.phase), part.opacity, svg::kMargin + 20, y, label);
    x += width;
    y += kLegendRow;
  }
  return text + "</svg>\n";
}

}  // namespace trainbench::report
