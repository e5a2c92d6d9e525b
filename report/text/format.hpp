#pragma once

#include <set>
#include <string>
#include <string_view>

#include "src/measure/metrics.hpp"

namespace trainbench::report {

/// What stands where a value is unknown or does not apply.
inline constexpr std::string_view kNoValue = "–";

/// `text` with every control of writing direction (U+202A to U+202E, U+2066 to U+2069) spelt out as
/// "(U+202E)": one in a benchmark's name would show what follows it in another order than it is.
std::string without_direction_controls(std::string_view text);

/// `text` on one line of a terminal or a log: without_direction_controls, and a space for each control
/// character. A line break in a benchmark's name would start a line of its own, which GitHub Actions may take
/// for a command.
std::string on_one_line(std::string_view text);

/// `value` with `decimals` decimals and a comma between thousands, in every locale; from 1e15, four
/// significant digits.
std::string format_fixed(double value, int decimals);

/// A counter without a known unit: whole numbers in full up to 1e15, others with four significant digits.
std::string format_number(double value);

/// Four significant digits in the largest of s, ms, µs, ns that leaves at least 1 before the point: "12.35
/// ms".
std::string format_seconds(double seconds);

/// The registry's decimals and unit: "1,234.5 images/s". A time with fewer than three significant digits left
/// is shown by format_seconds, another value that would round to nothing by format_number.
std::string format_metric(const MetricInfo& metric, double value);

/// A ratio with two decimals, and with two significant digits where that rounds to nothing: "1.25x".
std::string format_ratio(double ratio);

/// A fraction as a percentage with one decimal: 0.012 is "1.2 %".
std::string format_percent(double fraction);

/// "1755 to 1980 MHz" where all are numbers of one unit; else every value that occurs, of more than four the
/// first four and how many more. `values` is not empty.
std::string format_range(const std::set<std::string>& values);

}  // namespace trainbench::report
