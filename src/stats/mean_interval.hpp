#pragma once

#include <optional>
#include <span>

#include "src/stats/rank_tests.hpp"

namespace trainbench::stats {

/// The mean's interval by Student's t (1908), for a handful of values whose noise is near normal, as the
/// accuracies of a few seeds are: order statistics need six values for 95 %. Nothing for fewer than two
/// values or one that is not finite.
std::optional<Interval> mean_interval(std::span<const double> sample, double confidence);

}  // namespace trainbench::stats
