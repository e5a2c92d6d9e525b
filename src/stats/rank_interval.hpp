#pragma once

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <cstddef>
#include <span>

/// What the rank tests of one and of two samples share.
namespace trainbench::stats {

/// Not empty, and finite throughout.
inline bool is_usable(std::span<const double> sample) {
  return !sample.empty() &&
         std::all_of(sample.begin(), sample.end(), [](double value) { return std::isfinite(value); });
}

/// Of the standard normal distribution.
inline double normal_cdf(double z) {
  return boost::math::cdf(boost::math::normal_distribution<double>(), z);
}

/// Which order statistic bounds a distribution-free interval.
struct IntervalRank {
  std::size_t k = 0;  // from 1; 0: no order statistic is far enough out
  double achieved_confidence = 0;
};

}  // namespace trainbench::stats
