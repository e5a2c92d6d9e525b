#pragma once

#include <optional>
#include <span>

namespace trainbench::stats {

/// Quantile by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996, R's default).
/// `probability` lies in [0, 1]. Nothing for an empty sample.
std::optional<double> quantile(std::span<const double> sample, double probability);

/// Nothing for an empty sample.
std::optional<double> median(std::span<const double> sample);

/// Median of |x - median|, not scaled to a standard deviation. Nothing for an empty sample.
std::optional<double> median_absolute_deviation(std::span<const double> sample);

/// median_absolute_deviation / |median|, a fraction. Nothing for an empty sample or a median of 0.
std::optional<double> relative_mad(std::span<const double> sample);

}  // namespace trainbench::stats
