#include "src/stats/mean_interval.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

namespace trainbench::stats {

std::optional<Interval> mean_interval(std::span<const double> sample, double confidence) {
  const bool usable = sample.size() > 1 && std::all_of(sample.begin(), sample.end(),
                                                       [](double value) { return std::isfinite(value); });
  if (!usable) return std::nullopt;
  const auto n = static_cast<double>(sample.size());
  const double mean = std::accumulate(sample.begin(), sample.end(), 0.0) / n;
  double squares = 0;
  for (const double value : sample) squares += (value - mean) * (value - mean);
  const boost::math::students_t_distribution<double> distribution(n - 1);
  const double t = boost::math::quantile(distribution, (1 + confidence) / 2);
  const double half = t * std::sqrt(squares / (n - 1) / n);
  return Interval{.lower = mean - half, .upper = mean + half, .achieved_confidence = confidence};
}

}  // namespace trainbench::stats
