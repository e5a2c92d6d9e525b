#include "report/text/format.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>

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

/// A number and what stands behind it: "1980 MHz".
struct NumberWithUnit {
  double value = 0;
  std::string unit;
};

std::optional<NumberWithUnit> number_with_unit(const std::string& text) {
  NumberWithUnit result;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, result.value);
  if (error != std::errc()) return std::nullopt;
  result.unit.assign(stop, end);
  return result;
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

std::string on_one_line(std::string_view text) {
  std::string line = without_direction_controls(text);
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == '\x7f'; };
  std::replace_if(line.begin(), line.end(), is_control, ' ');
  return line;
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
  struct TimeUnit {
    double seconds;
    std::string_view name;
  };
  constexpr std::array kUnits = {TimeUnit{1, "s"}, TimeUnit{1e-3, "ms"}, TimeUnit{1e-6, "µs"},
                                 TimeUnit{1e-9, "ns"}};
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

std::string format_range(const std::set<std::string>& values) {
  if (values.size() == 1) return *values.begin();
  std::optional<std::pair<double, std::string>> low;
  std::optional<std::pair<double, std::string>> high;
  std::set<std::string> units;
  for (const std::string& value : values) {
    const auto number = number_with_unit(value);
    units.insert(number ? number->unit : "not a number");
    if (!number) break;
    const std::string digits = value.substr(0, value.size() - number->unit.size());
    if (!low || number->value < low->first) low = {number->value, digits};
    if (!high || number->value > high->first) high = {number->value, digits};
  }
  if (units.size() == 1 && *units.begin() != "not a number")
    return fmt::format("{} to {}{}", low->second, high->second, *units.begin());
  constexpr std::size_t kMost = 4;
  const auto end = std::next(values.begin(), static_cast<std::ptrdiff_t>(std::min(kMost, values.size())));
  std::string text = fmt::format("{}", fmt::join(values.begin(), end, ", "));
  return values.size() > kMost ? fmt::format("{} and {} more", text, values.size() - kMost) : text;
}

}  // namespace trainbench::report
