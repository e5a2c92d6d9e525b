#include "report/charts/sparkline.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <vector>

#include "src/stats/summary.hpp"

namespace trainbench::report {
namespace {

constexpr std::array<std::string_view, 8> kBars = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

std::vector<double> medians_of_parts(std::span<const double> values, std::size_t num_parts) {
  std::vector<double> medians;
  medians.reserve(num_parts);
  for (std::size_t i = 0; i < num_parts; ++i) {
    const std::size_t begin = i * values.size() / num_parts;
    const std::size_t end = (i + 1) * values.size() / num_parts;
    medians.push_back(*stats::median(values.subspan(begin, end - begin)));
  }
  return medians;
}

}  // namespace

std::string bars_of(std::span<const double> values, double least, double most) {
  std::string text;
  for (const double value : values) {
    // Halved first: the range of two doubles may be more than a double holds.
    const double range = most / 2 - least / 2;
    const double height = range > 0 ? std::clamp((value / 2 - least / 2) / range, 0.0, 1.0) : 0.5;
    text += kBars[static_cast<std::size_t>(std::lround(height * (kBars.size() - 1)))];
  }
  return text;
}

std::string sparkline(std::span<const double> values, std::size_t most_bars) {
  if (values.empty() || most_bars == 0) return "";
  std::vector<double> shown(values.begin(), values.end());
  if (shown.size() > most_bars) shown = medians_of_parts(values, most_bars);
  const auto [least, most] = std::minmax_element(shown.begin(), shown.end());
  return bars_of(shown, *least, *most);
}

}  // namespace trainbench::report
