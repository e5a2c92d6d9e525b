#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace trainbench::stats {

/// No stretch shorter than this is told apart from its neighbour.
inline constexpr std::size_t kFewestPoints = 3;

/// Where the mean of a series may change: E-divisive in windows of 50 points that begin every 25 (Fleming and
/// others 2023, "Hunter"), split again and again where Welch's t-test of the two stretches says at most `p`.
/// Of candidates closer than three points, that of the smaller p. Ascending; values are finite. O(50 n).
std::vector<std::size_t> change_candidates(std::span<const double> values, double p);

}  // namespace trainbench::stats
