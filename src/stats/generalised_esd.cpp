#include "src/stats/generalised_esd.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

#include "src/stats/mean_step.hpp"

namespace trainbench::stats {
namespace {

/// The critical value where `left` values are left.
double critical_deviate(std::size_t left, double alpha) {
  const auto n = static_cast<double>(left);
  const boost::math::students_t distribution(n - 2);
  const double t = boost::math::quantile(boost::math::complement(distribution, alpha / (2 * n)));
  return (n - 1) * t / std::sqrt((n - 2 + t * t) * n);
}

}  // namespace

GeneralisedEsd generalised_esd(std::span<const double> sample, std::size_t most_outliers, double alpha) {
  GeneralisedEsd result;
  if (!std::all_of(sample.begin(), sample.end(), [](double value) { return std::isfinite(value); }))
    return result;
  std::vector<double> left(sample.begin(), sample.end());
  std::vector<std::size_t> indices(sample.size());
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  while (result.steps.size() < most_outliers && left.size() > 3) {
    const Moments all = exact_moments(left);
    if (!(all.variance > 0)) break;
    const auto nearer = [&](double a, double b) { return std::abs(a - all.mean) < std::abs(b - all.mean); };
    const auto furthest = std::max_element(left.begin(), left.end(), nearer);
    const auto place = furthest - left.begin();
    result.steps.push_back({.index = indices[static_cast<std::size_t>(place)],
                            .r = std::abs(*furthest - all.mean) / std::sqrt(all.variance),
                            .lambda = critical_deviate(left.size(), alpha)});
    if (result.steps.back().r > result.steps.back().lambda) result.num_outliers = result.steps.size();
    left.erase(furthest);
    indices.erase(indices.begin() + place);
  }
  return result;
}

}  // namespace trainbench::stats
