#include "report/history/series/value_scale.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/text/format.hpp"

namespace trainbench::report::history {
namespace {

constexpr int kMostDecimals = 6;
constexpr double kPlainBelow = 1e12;

struct TimeUnit {
  double seconds;
  const char* name;
};

DisplayUnit time_unit_of(double factor_to_seconds, double largest) {
  constexpr std::array kUnits = {TimeUnit{1, "s"}, TimeUnit{1e-3, "ms"}, TimeUnit{1e-6, "µs"},
                                 TimeUnit{1e-9, "ns"}};
  const double seconds = largest * factor_to_seconds;
  std::size_t i = 0;
  while (i + 1 < kUnits.size() && seconds < kUnits[i].seconds) ++i;
  return {.factor = factor_to_seconds / kUnits[i].seconds, .unit = kUnits[i].name};
}

/// The smallest of 1, 2 and 5 times a power of ten that is at least `least`, which is positive.
double round_step(double least) {
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least * (1 - 1e-12)) return factor * power;
  }
  return 10 * power;
}

std::string tick_label(double value, double step) {
  const double step_magnitude = std::floor(std::log10(step) + 1e-9);
  const int decimals = std::max(0, static_cast<int>(-step_magnitude));
  const double magnitude = std::abs(value);
  if (magnitude < step / 2) return "0";
  if (decimals <= kMostDecimals && magnitude < kPlainBelow) return format_fixed(value, decimals);
  const double digits = std::floor(std::log10(magnitude)) - step_magnitude + 1;
  return fmt::format("{:.{}g}", value, static_cast<int>(std::clamp(digits, 1.0, 15.0)));
}

}  // namespace

DisplayUnit display_unit_of(const std::string& metric, double largest) {
  if (metric == "real_time" || metric == "cpu_time") return time_unit_of(1, largest);
  const MetricInfo* info = find_metric(metric);
  if (info == nullptr) return {};
  const bool is_time = info->unit == "ms" || info->unit == "s";
  if (is_time && largest > 0 && largest < 0.1) return time_unit_of(info->unit == "ms" ? 1e-3 : 1, largest);
  return {.factor = 1, .unit = std::string(info->unit)};
}

double ValueRange::share_of(double value) const {
  // Halved first: the range of two doubles may be more than a double holds.
  const double width = high / 2 - low / 2;
  return width > 0 ? std::clamp((value / 2 - low / 2) / width, 0.0, 1.0) : 0.5;
}

std::vector<ValueTick> ticks_in(const ValueRange& range, int most) {
  std::vector<ValueTick> ticks;
  const double width = range.high / most - range.low / most;
  const double step = width > 0 ? round_step(width) : 0;
  if (step > 0 && std::isfinite(step)) {
    const double first = std::ceil(range.low / step - 1e-9);
    for (int i = 0; i <= most; ++i) {
      const double value = (first + i) * step;
      if (value > range.high + 1e-9 * step || !std::isfinite(value)) break;
      ticks.push_back({.value = value, .label = tick_label(value, step)});
    }
  }
  // No step ends within a range that is at the limit of what a double tells apart.
  if (ticks.empty()) {
    const double middle = range.low / 2 + range.high / 2;
    ticks.push_back({.value = middle, .label = fmt::format("{:.4g}", middle)});
  }
  return ticks;
}

}  // namespace trainbench::report::history
