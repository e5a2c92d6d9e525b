#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace trainbench::stats {

/// Where the piecewise constant fit steps that minimises sum |x - level| + penalty * (number of steps), the
/// Potts functional with absolute deviations, each piece at least `min_points` long; exact, by dynamic
/// programming. The penalty is one of a geometric path, from the largest on: a fit takes the place of
/// the best before it where m log(its deviation / that one's) + 4 (steps it has more) log(n) is negative,
/// asv's criterion. m is n, less where the fit's own residuals say that neighbours are alike: over the cube
/// root of variance_inflation. (Without it 4.8 % of series of 100 points with an autocorrelation of 0.7 had a
/// false change point, with it 1 %; a square root loses short steps.) Indices of the first points after,
/// ascending. Values are finite. O(n^2) memory and, for each penalty, time, after O(n^3) moves of sorted
/// values at worst.
std::vector<std::size_t> least_deviations_steps(std::span<const double> values, std::size_t min_points);

/// The union of the steps in windows of 100 points that begin every 50, the last at the end of the series: of
/// any series in O(100 n).
std::vector<std::size_t> least_deviations_steps_in_windows(std::span<const double> values,
                                                           std::size_t min_points);

}  // namespace trainbench::stats
