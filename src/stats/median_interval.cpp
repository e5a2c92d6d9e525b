#include "src/stats/median_interval.hpp"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <vector>

namespace trainbench::stats {

std::optional<MedianEstimate> median_interval(std::span<const double> sample, double confidence) {
  std::vector<double> sorted(sample.begin(), sample.end());
  const auto finite = [](double value) { return std::isfinite(value); };
  if (sorted.empty() || !std::all_of(sorted.begin(), sorted.end(), finite)) return std::nullopt;
  std::sort(sorted.begin(), sorted.end());
  const std::size_t n = sorted.size();
  MedianEstimate estimate;
  estimate.median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  const boost::math::binomial_distribution<double> below(static_cast<double>(n), 0.5);
  for (std::size_t rank = 1; 2 * rank <= n; ++rank) {
    const double achieved = 1 - 2 * boost::math::cdf(below, static_cast<double>(rank - 1));
    if (achieved < confidence - 1e-12) break;
    estimate.interval =
        Interval{.lower = sorted[rank - 1], .upper = sorted[n - rank], .achieved_confidence = achieved};
  }
  return estimate;
}

std::size_t needed_for_median_interval(double confidence) {
  std::size_t n = 2;
  while (1 - 2 * std::pow(0.5, static_cast<double>(n)) < confidence) ++n;
  return n;
}

}  // namespace trainbench::stats
