#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace trainbench::stats {

/// One step of the test: the value furthest from the mean of those that are left.
struct EsdStep {
  std::size_t index = 0;  // of the value in the sample
  double r = 0;           // its distance from their mean, in their standard deviations
  double lambda = 0;      // what r would exceed with probability alpha if there were no outlier
};

struct GeneralisedEsd {
  std::vector<EsdStep> steps;
  std::size_t num_outliers = 0;  // the values of the first so many steps
};

/// Up to `most_outliers` outliers of a sample that is normal otherwise, by the generalised extreme
/// studentised deviate test (Rosner 1983): as many as the last step whose r exceeds its lambda. Close to
/// `alpha` from 15 values on. There are fewer steps where no two degrees of freedom are left, or all values
/// that are left are equal. O(n) a step. Nothing is an outlier where a value is not finite.
GeneralisedEsd generalised_esd(std::span<const double> sample, std::size_t most_outliers, double alpha);

}  // namespace trainbench::stats
