#include "src/stats/power.hpp"

#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace trainbench::stats {
namespace {

constexpr double kLargest = 1e6;

/// Where `power_at` passes `power` between two and kLargest; it grows.
template <typename Power>
std::optional<double> solve(double low, double power, Power power_at) {
  double high = low;
  while (power_at(high) < power) {
    low = high;
    high *= 2;
    if (high > kLargest) return std::nullopt;
  }
  for (int i = 0; i < 100 && high - low > 1e-10 * high; ++i) {
    const double middle = (low + high) / 2;
    (power_at(middle) < power ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

double power_of_t_test(double n, double effect, const PowerOptions& options) {
  if (n < 2) return 0;
  const bool paired = options.design == Design::paired;
  const double freedom = paired ? n - 1 : 2 * (n - 1);
  const double tail = options.sides == Sides::two ? options.alpha / 2 : options.alpha;
  const double critical =
      boost::math::quantile(boost::math::complement(boost::math::students_t(freedom), tail));
  const double centre = effect * std::sqrt(paired ? n : n / 2);
  // Far out the non-central t is its centre to every digit, and Boost's series does not end.
  if (centre > 1000 + 10 * critical) return 1;
  return boost::math::cdf(boost::math::complement(boost::math::non_central_t(freedom, centre), critical));
}

std::optional<double> smallest_detectable_effect(std::size_t n, const PowerOptions& options) {
  if (n < 2) return std::nullopt;
  return solve(1e-3, options.power,
               [&](double effect) { return power_of_t_test(static_cast<double>(n), effect, options); });
}

std::optional<double> needed_sample_size(double effect, const PowerOptions& options) {
  return solve(2.0, options.power, [&](double n) { return power_of_t_test(n, effect, options); });
}

}  // namespace trainbench::stats
