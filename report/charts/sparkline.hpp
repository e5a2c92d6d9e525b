#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace trainbench::report {

/// A character a value, "▁" for `least` and below to "█" for `most` and above; half high where the two are
/// the same. `values` must be finite.
std::string bars_of(std::span<const double> values, double least, double most);

/// The values in their own scale. More than `most_bars` are shown by the medians of as many parts of about
/// equal length.
std::string sparkline(std::span<const double> values, std::size_t most_bars);

}  // namespace trainbench::report
