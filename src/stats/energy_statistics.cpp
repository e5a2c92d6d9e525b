#include "src/stats/energy_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace trainbench::stats {
namespace {

/// Sum of |a - b| over all unordered pairs: the k-th value stands above k others and below the rest.
double sum_of_distances(std::vector<double> sample) {
  std::sort(sample.begin(), sample.end());
  double sum = 0;
  for (std::size_t k = 1; k < sample.size(); ++k) {
    const auto above = static_cast<double>(sample.size() - k);
    sum += (sample[k] - sample[k - 1]) * static_cast<double>(k) * above;
  }
  return sum;
}

bool is_finite_sample(std::span<const double> sample) {
  return !sample.empty() &&
         std::all_of(sample.begin(), sample.end(), [](double value) { return std::isfinite(value); });
}

}  // namespace

std::optional<EnergyStatistics> energy_statistics(std::span<const double> x, std::span<const double> y) {
  if (!is_finite_sample(x) || !is_finite_sample(y)) return std::nullopt;
  const auto n = static_cast<double>(x.size());
  const auto m = static_cast<double>(y.size());
  std::vector<double> pooled(x.begin(), x.end());
  const double within_x = sum_of_distances(pooled);
  const double within_y = sum_of_distances({y.begin(), y.end()});
  pooled.insert(pooled.end(), y.begin(), y.end());
  const double across = sum_of_distances(std::move(pooled)) - within_x - within_y;
  const double twice_mean_across = 2 * across / (n * m);
  EnergyStatistics result;
  // Never negative but for rounding.
  result.e = std::max(0.0, twice_mean_across - 2 * within_x / (n * n) - 2 * within_y / (m * m));
  result.t = n * m / (n + m) * result.e;
  result.h = twice_mean_across > 0 ? result.e / twice_mean_across : 0;
  return result;
}

}  // namespace trainbench::stats
