#pragma once

#include <span>

#include "src/stats/t_tests.hpp"

namespace trainbench::stats {

/// Mean and variance of at least one value, taken around the first of them: of equal values the mean is
/// exactly the value and the variance exactly 0, which `moments` does not promise. The variance of a single
/// value is 0.
Moments exact_moments(std::span<const double> sample);

/// What is known of the noise of a series, for the test of a step in it.
struct StepNoise {
  double inflation = 1;  // of both variances, for values that depend on their neighbours
  double variance = 0;   // stands in where neither side varies
};

/// The two-sided p of Welch's t-test of the means before and after. 1 where a side has fewer than two
/// values; where neither side varies, nor the series: 0 for different means, 1 for equal ones.
double step_p(const Moments& before, const Moments& after, const StepNoise& noise = {});

}  // namespace trainbench::stats
