#pragma once

#include <optional>
#include <span>

namespace trainbench::stats {

/// How far apart two distributions are, by the mean distances |x - y| between their samples and within each
/// (Székely and Rizzo 2013).
struct EnergyStatistics {
  double e = 0;  // 2 E|X - Y| - E|X - X'| - E|Y - Y'|, in the values' unit, each mean over all pairs
  double t = 0;  // n m / (n + m) e
  double h = 0;  // e / (2 E|X - Y|), from 0 (the same distribution) to 1
};

/// O((n + m) log(n + m)). Nothing for an empty sample or a value that is not finite.
std::optional<EnergyStatistics> energy_statistics(std::span<const double> x, std::span<const double> y);

}  // namespace trainbench::stats
