#include "report/format.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace trainbench::report {
namespace {

/// Decimals that leave four significant digits of a value of at least 0.001.
int decimals_for_four_digits(double magnitude) {
  for (int decimals = 0; decimals < 6; ++decimals) {
    if (magnitude * std::pow(10, decimals) >= 999.95) return decimals;
  }
  return 6;
}

}  // namespace

std::string format_fixed(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text.starts_with('-') && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  const std::size_t end = std::min(text.find('.'), text.size());
  for (std::size_t i = end; i > sign + 3; i -= 3) text.insert(i - 3, 1, ',');
  return text;
}

std::string format_number(double value) {
  const double magnitude = std::abs(value);
  if (magnitude < 1e15 && value == std::trunc(value)) return format_fixed(value, 0);
  if (magnitude >= 1e15 || magnitude < 1e-3) return fmt::format("{:.3e}", value);
  return format_fixed(value, decimals_for_four_digits(magnitude));
}

std::string format_seconds(double seconds) {
  struct Unit {
    double seconds;
    std::string_view name;
  };
  constexpr std::array kUnits = {Unit{1, "s"}, Unit{1e-3, "ms"}, Unit{1e-6, "µs"}, Unit{1e-9, "ns"}};
  const double magnitude = std::abs(seconds);
  std::size_t i = 0;
  while (i + 1 < kUnits.size() && magnitude < kUnits[i].seconds) ++i;
  const double scaled = seconds / kUnits[i].seconds;
  if (scaled == 0) return "0 s";
  return fmt::format("{} {}", format_fixed(scaled, decimals_for_four_digits(std::abs(scaled))),
                     kUnits[i].name);
}

std::string format_metric(const MetricInfo& metric, double value) {
  const std::string number = format_fixed(value, metric.decimals);
  return metric.unit.empty() ? number : fmt::format("{} {}", number, metric.unit);
}

std::string format_percent(double fraction) {
  return fmt::format("{} %", format_fixed(fraction * 100, 1));
}

}  // namespace trainbench::report
