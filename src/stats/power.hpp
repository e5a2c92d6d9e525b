#pragma once

#include <cstddef>
#include <optional>

namespace trainbench::stats {

enum class Design { two_samples, paired };
enum class Sides { one, two };

/// How a difference is to be found. Power is the probability of finding it; a rank test needs at most about
/// 5 % more values than the t-test that is computed here, and fewer where there are outliers.
struct PowerOptions {
  Design design = Design::two_samples;
  Sides sides = Sides::two;
  double alpha = 0.05;
  double power = 0.8;
};

/// Probability that the t-test finds a difference of `effect` standard deviations (of the values; of the
/// pairs' differences) with n values a side or n pairs, by the non-central t (Cohen 1988, 2). As R's
/// power.t.test, the tail on the other side is left out. `n` need not be whole. 0 below two values.
double power_of_t_test(double n, double effect, const PowerOptions& options = {});

/// The smallest difference, in standard deviations, that is found with `options.power`. Nothing below two
/// values, or where rounding leaves none below 1e6.
std::optional<double> smallest_detectable_effect(std::size_t n, const PowerOptions& options = {});

/// The values a side, or pairs, that find a difference of `effect` standard deviations, not rounded up.
/// `effect` is positive. Nothing where more than 1e6 are needed.
std::optional<double> needed_sample_size(double effect, const PowerOptions& options = {});

}  // namespace trainbench::stats
