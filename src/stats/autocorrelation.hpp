#pragma once

#include <span>

namespace trainbench::stats {

/// How alike neighbours of a series around 0 are: sum of r_i r_(i+1) over sum of r_i^2, from -1 to 1. 0 for
/// fewer than two residuals, or where all are 0.
double lag1_autocorrelation(std::span<const double> residuals);

/// The autocorrelation of the noise, from that of the residuals of a fit of `num_means` means, which is too
/// small by about (num_means (1 + r) + 3 r) / n (Marriott and Pope 1954). At most 0.95.
double unbiased_autocorrelation(std::span<const double> residuals, std::size_t num_means);

/// How much larger the variance of a mean is where neighbours are alike: (1 + r) / (1 - r), and 1 for r up to
/// 0.3, which short series show by chance.
double variance_inflation(double r);

}  // namespace trainbench::stats
