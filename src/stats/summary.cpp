#include "src/stats/summary.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace trainbench::stats {

std::optional<double> quantile(std::span<const double> sample, double probability) {
  if (sample.empty()) return std::nullopt;
  std::vector<double> sorted(sample.begin(), sample.end());
  std::sort(sorted.begin(), sorted.end());
  const double position = probability * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], position - static_cast<double>(below));
}

std::optional<double> median(std::span<const double> sample) {
  return quantile(sample, 0.5);
}

std::optional<double> median_absolute_deviation(std::span<const double> sample) {
  const auto centre = median(sample);
  if (!centre) return std::nullopt;
  std::vector<double> deviations;
  deviations.reserve(sample.size());
  for (const double value : sample) deviations.push_back(std::abs(value - *centre));
  return median(deviations);
}

std::optional<double> relative_mad(std::span<const double> sample) {
  const auto centre = median(sample);
  if (!centre || *centre == 0) return std::nullopt;
  return *median_absolute_deviation(sample) / std::abs(*centre);
}

}  // namespace trainbench::stats
