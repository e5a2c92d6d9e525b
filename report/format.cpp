#include "report/format.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace trainbench::report {
namespace {

// 1e308 in full is a table column of 308 digits.
constexpr double kInFullBelow = 1e15;

/// Decimals that leave four significant digits of a value of at least 0.001.
int decimals_for_four_digits(double magnitude) {
  for (int decimals = 0; decimals < 6; ++decimals) {
    if (magnitude * std::pow(10, decimals) >= 999.95) return decimals;
  }
  return 6;
}

}  // namespace

std::string without_direction_controls(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    // In UTF-8, E2 80 AA to AE and E2 81 A6 to A9.
    const std::string_view three = text.substr(i, 3);
    const bool embeds =
        three.starts_with("\xe2\x80") && three.size() == 3 && three[2] >= '\xaa' && three[2] <= '\xae';
    const bool isolates =
        three.starts_with("\xe2\x81") && three.size() == 3 && three[2] >= '\xa6' && three[2] <= '\xa9';
    if (!embeds && !isolates) {
      result += text[i];
      continue;
    }
    const unsigned low_bits = static_cast<unsigned char>(three[2]) & 0x3FU;
    result += fmt::format("(U+{:04X})", (embeds ? 0x2000U : 0x2040U) + low_bits);
    i += 2;
  }
  return result;
}

std::string format_fixed(double value, int decimals) {
  if (std::abs(value) >= kInFullBelow) return fmt::format("{:.4g}", value);
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text.starts_with('-') && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  const std::size_t end = std::min(text.find('.'), text.size());
  for (std::size_t i = end; i > sign + 3; i -= 3) text.insert(i - 3, 1, ',');
  return text;
}

std::string format_number(double value) {
  const double magnitude = std::abs(value);
  if (magnitude < kInFullBelow && value == std::trunc(value)) return format_fixed(value, 0);
  if (magnitude >= kInFullBelow || magnitude < 1e-3) return fmt::format("{:.3e}", value);
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
  if (std::abs(scaled) < 5e-4) return fmt::format("{:.4g} {}", scaled, kUnits[i].name);
  return fmt::format("{} {}", format_fixed(scaled, decimals_for_four_digits(std::abs(scaled))),
                     kUnits[i].name);
}

std::string format_metric(const MetricInfo& metric, double value) {
  const double last_decimal = std::pow(10, -metric.decimals);
  const bool is_time = metric.unit == "ms" || metric.unit == "s";
  if (is_time && value != 0 && std::abs(value) < 100 * last_decimal)
    return format_seconds(metric.unit == "ms" ? value * 1e-3 : value);
  const bool vanishes = value != 0 && std::abs(value) < last_decimal / 2;
  const std::string number =
      vanishes && metric.unit != "%" ? format_number(value) : format_fixed(value, metric.decimals);
  return metric.unit.empty() ? number : fmt::format("{} {}", number, metric.unit);
}

std::string format_ratio(double ratio) {
  if (ratio != 0 && std::abs(ratio) < 0.005) return fmt::format("{:.2g}x", ratio);
  return format_fixed(ratio, 2) + "x";
}

std::string format_percent(double fraction) {
  return fmt::format("{} %", format_fixed(fraction * 100, 1));
}

}  // namespace trainbench::report
