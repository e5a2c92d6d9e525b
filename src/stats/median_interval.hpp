#pragma once

#include <optional>
#include <span>

#include "src/stats/rank_tests.hpp"

namespace trainbench::stats {

struct MedianEstimate {
  double median = 0;
  std::optional<Interval> interval;
};

/// The median and the narrowest interval between two order statistics, equally far from either end, that
/// covers it with at least `confidence`: the number of values below the median is binomial, whatever the
/// distribution (Thompson 1936). Of paired log ratios it is the interval of their median that assumes no
/// symmetry, unlike walsh_shift. `interval` is absent where the sample is too small. Nothing for an empty
/// sample or a value that is not finite.
std::optional<MedianEstimate> median_interval(std::span<const double> sample, double confidence);

/// The smallest sample that has such an interval, from its smallest to its largest value: 6 for 95 %.
/// `confidence` lies in [0, 1).
std::size_t needed_for_median_interval(double confidence);

}  // namespace trainbench::stats
