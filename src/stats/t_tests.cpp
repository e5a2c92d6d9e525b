#include "src/stats/t_tests.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace trainbench::stats {
namespace {

double square(double x) {
  return x * x;
}

double quantile_of_t(double freedom, double confidence) {
  return boost::math::quantile(
      boost::math::complement(boost::math::students_t(freedom), (1 - confidence) / 2));
}

std::optional<TTest> test_of(double difference, double squared_error, double freedom, double confidence) {
  if (!(squared_error > 0)) return std::nullopt;
  const double error = std::sqrt(squared_error);
  TTest test;
  test.difference = difference;
  test.t = difference / error;
  test.degrees_of_freedom = freedom;
  test.p_two_sided =
      2 * boost::math::cdf(boost::math::complement(boost::math::students_t(freedom), std::abs(test.t)));
  const double half = quantile_of_t(freedom, confidence) * error;
  test.interval = {.lower = difference - half, .upper = difference + half, .achieved_confidence = confidence};
  return test;
}

}  // namespace

std::optional<Moments> moments(std::span<const double> sample) {
  if (sample.size() < 2) return std::nullopt;
  const auto n = static_cast<double>(sample.size());
  Moments result;
  result.n = sample.size();
  for (const double value : sample) result.mean += value / n;
  for (const double value : sample) result.variance += square(value - result.mean) / (n - 1);
  if (!std::isfinite(result.mean) || !std::isfinite(result.variance)) return std::nullopt;
  return result;
}

std::optional<TTest> welch_t_test(const Moments& baseline, const Moments& contender, double confidence) {
  const double a = baseline.variance / static_cast<double>(baseline.n);
  const double b = contender.variance / static_cast<double>(contender.n);
  const double freedom = square(a + b) / (square(a) / static_cast<double>(baseline.n - 1) +
                                          square(b) / static_cast<double>(contender.n - 1));
  return test_of(contender.mean - baseline.mean, a + b, freedom, confidence);
}

std::optional<TTest> student_t_test(const Moments& baseline, const Moments& contender, double confidence) {
  const auto n = static_cast<double>(baseline.n);
  const auto m = static_cast<double>(contender.n);
  const double freedom = n + m - 2;
  const double pooled = ((n - 1) * baseline.variance + (m - 1) * contender.variance) / freedom;
  return test_of(contender.mean - baseline.mean, pooled * (1 / n + 1 / m), freedom, confidence);
}

std::optional<TTest> paired_t_test(const Moments& differences, double confidence) {
  const auto n = static_cast<double>(differences.n);
  return test_of(differences.mean, differences.variance / n, n - 1, confidence);
}

std::optional<RatioEstimate> fieller_ratio(const Moments& baseline, const Moments& contender,
                                           double confidence) {
  const auto squared_half_width = [&](const Moments& side) {
    const auto n = static_cast<double>(side.n);
    return square(quantile_of_t(n - 1, confidence)) * side.variance / n;
  };
  const double x = square(baseline.mean) - squared_half_width(baseline);
  const double y = square(contender.mean) - squared_half_width(contender);
  const double product = baseline.mean * contender.mean;
  if (x <= 0) return std::nullopt;
  const double root = std::sqrt(std::max(0.0, square(product) - x * y));
  return RatioEstimate{
      .ratio = contender.mean / baseline.mean,
      .interval = Interval{
          .lower = (product - root) / x, .upper = (product + root) / x, .achieved_confidence = confidence}};
}

Interval prediction_interval(const Moments& sample, double confidence) {
  const auto n = static_cast<double>(sample.n);
  const double half = quantile_of_t(n - 1, confidence) * std::sqrt(sample.variance * (1 + 1 / n));
  return {.lower = sample.mean - half, .upper = sample.mean + half, .achieved_confidence = confidence};
}

}  // namespace trainbench::stats
