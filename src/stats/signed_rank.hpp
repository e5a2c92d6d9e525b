#pragma once

#include <optional>
#include <span>
#include <vector>

#include "src/stats/rank_tests.hpp"

namespace trainbench::stats {

/// The signed-rank test of paired differences (Wilcoxon 1945).
struct SignedRank {
  double v = 0;               // sum of the ranks of the positive differences
  std::size_t num_pairs = 0;  // that differ; the others say nothing and are dropped, as R does
  double p_two_sided = 1;     // the distribution is symmetric, ties or not: twice the smaller tail
  double p_less = 1;          // P(V <= v): small where the differences tend to be negative
  double p_greater = 1;       // P(V >= v): small where they tend to be positive
  bool exact = true;          // false: normal approximation
};

/// Exact up to 200 differences, ties included: the sum over all sign patterns of the mid-ranks, by the
/// subset-sum recurrence (Hollander and Wolfe 1999, 3.1). Above, the normal approximation with continuity
/// correction and the variance n (n + 1) (2n + 1) / 24 - sum(t^3 - t) / 48 over groups of t equal sizes.
/// Nothing for no difference or one that is not finite.
std::optional<SignedRank> signed_rank(std::span<const double> differences);

/// P(V <= v) for v = 0 .. n (n + 1) / 2 without ties: R's psignrank.
std::vector<double> signed_rank_cdf(std::size_t n);

/// Median of the Walsh averages (d_i + d_j) / 2, i <= j, R's pseudo-median, and the interval between their
/// order statistics k and n (n + 1) / 2 - k + 1, k the largest with P(V <= k - 1) <= (1 - confidence) / 2
/// (Hollander and Wolfe 1999, 3.2 and 3.3). Pairs without a difference count here. `interval` is absent where
/// there are too few pairs: 5 for 95 %. Nothing for no difference or one that is not finite.
std::optional<ShiftEstimate> walsh_shift(std::span<const double> differences, double confidence);

/// contender / baseline of pairs: exp of walsh_shift of the logarithms' differences. Nothing for no pair, for
/// samples of unequal sizes, or for a value that is not positive and finite.
std::optional<RatioEstimate> walsh_ratio(std::span<const double> baseline, std::span<const double> contender,
                                         double confidence);

}  // namespace trainbench::stats
