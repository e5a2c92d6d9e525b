#pragma once

#include <optional>
#include <span>

#include "src/stats/rank_tests.hpp"

namespace trainbench::stats {

/// Mean and variance (divided by n - 1) of a sample.
struct Moments {
  double mean = 0;
  double variance = 0;
  std::size_t n = 0;
};

/// Nothing for fewer than two values or one that is not finite.
std::optional<Moments> moments(std::span<const double> sample);

/// A t-test of contender - baseline; `interval` covers the difference of the means.
struct TTest {
  double t = 0;
  double degrees_of_freedom = 0;
  double p_two_sided = 1;
  double difference = 0;
  Interval interval;
};

// Nothing for fewer than two values, or where no value differs from the others.

/// Variances may differ (Welch 1947).
std::optional<TTest> welch_t_test(const Moments& baseline, const Moments& contender, double confidence);

/// One variance for both samples (Student 1908).
std::optional<TTest> student_t_test(const Moments& baseline, const Moments& contender, double confidence);

/// Of paired differences against 0.
std::optional<TTest> paired_t_test(const Moments& differences, double confidence);

/// Ratio of the means contender / baseline of two independent samples and its interval by Fieller's theorem,
/// each mean's uncertainty with the t of its own sample (Kalibera and Jones 2012, 5). Nothing where the
/// baseline's mean is not told apart from 0.
std::optional<RatioEstimate> fieller_ratio(const Moments& baseline, const Moments& contender,
                                           double confidence);

/// The interval that holds one further value with the confidence asked for: mean +- t s sqrt(1 + 1/n).
Interval prediction_interval(const Moments& sample, double confidence);

}  // namespace trainbench::stats
