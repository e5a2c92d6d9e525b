#pragma once

#include <string>
#include <string_view>

#include "src/measure/metrics.hpp"

namespace trainbench::report {

/// What stands where a value is unknown or does not apply.
inline constexpr std::string_view kNoValue = "–";

/// `value` with `decimals` decimals and a comma between thousands, in every locale.
std::string format_fixed(double value, int decimals);

/// A counter without a known unit: whole numbers in full up to 1e15, others with four significant digits.
std::string format_number(double value);

/// Four significant digits in the largest of s, ms, µs, ns that leaves at least 1 before the point: "12.35
/// ms".
std::string format_seconds(double seconds);

/// The registry's decimals and unit: "1,234.5 images/s".
std::string format_metric(const MetricInfo& metric, double value);

/// A fraction as a percentage with one decimal: 0.012 is "1.2 %".
std::string format_percent(double fraction);

}  // namespace trainbench::report
