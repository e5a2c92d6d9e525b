#pragma once

#include <optional>
#include <span>
#include <vector>

namespace trainbench::stats {

/// The Mann-Whitney test of two independent samples.
struct MannWhitney {
  double u = 0;            // pairs where the contender is larger; an equal pair counts one half
  double p_two_sided = 1;  // P(|U - nm/2| >= |u - nm/2|) where no sample differs from the other
  double p_less = 1;       // P(U <= u): small where the contender tends to be smaller
  double p_greater = 1;    // P(U >= u): small where the contender tends to be larger
  bool exact = true;       // false: normal approximation
};

/// Exact up to 25 values a side, ties included: a dynamic program over the groups of equal pooled values
/// (Klotz 1966, "The Wilcoxon, ties, and the computer"). The two-sided p is that of R's exactRankTests: with
/// unequal sizes and ties the distribution is not symmetric, and doubling one tail gives another value.
/// Above 25, `mann_whitney_normal`. Nothing for an empty sample or a value that is not finite.
std::optional<MannWhitney> mann_whitney(std::span<const double> baseline, std::span<const double> contender);

/// The same by the normal approximation with continuity correction and the variance
/// nm/12 ((N + 1) - sum(t^3 - t) / (N (N - 1))) over groups of t equal values (Hollander and Wolfe
/// 1999, 4.1).
std::optional<MannWhitney> mann_whitney_normal(std::span<const double> baseline,
                                               std::span<const double> contender);

/// P(U <= u) for u = 0 .. n m without ties: R's pwilcox. Exact for n, m <= 25.
std::vector<double> mann_whitney_cdf(std::size_t n, std::size_t m);

/// The probability that a value of the contender is larger than one of the baseline, an equal one counting
/// one half: U / (n m), the A12 of Vargha and Delaney 2000. 0.5 where the samples are alike. Nothing for an
/// empty sample or a value that is not finite.
std::optional<double> probability_of_superiority(std::span<const double> baseline,
                                                 std::span<const double> contender);

/// An interval that covers the true value with `achieved_confidence`, at least the confidence asked for.
struct Interval {
  double lower = 0;
  double upper = 0;
  double achieved_confidence = 0;
};

/// `interval` is absent where the samples are too small for the confidence asked for, as 3 and 3 are for 95
/// %.
struct ShiftEstimate {
  double shift = 0;
  std::optional<Interval> interval;
};

/// Median of all differences contender - baseline (Hodges and Lehmann 1963) and the interval between its
/// order statistics k and nm - k + 1, k the largest with P(U <= k - 1) <= (1 - confidence) / 2 (Hollander and
/// Wolfe 1999, 4.3); ties are not corrected for, which errs to the wide side. Needs no room for the nm
/// differences. Nothing for an empty sample or a value that is not finite.
std::optional<ShiftEstimate> hodges_lehmann(std::span<const double> baseline,
                                            std::span<const double> contender, double confidence);

struct RatioEstimate {
  double ratio = 1;
  std::optional<Interval> interval;
};

/// contender / baseline: exp of the shift between the logarithms. Nothing for an empty sample or a value that
/// is not positive and finite.
std::optional<RatioEstimate> hodges_lehmann_ratio(std::span<const double> baseline,
                                                  std::span<const double> contender, double confidence);

}  // namespace trainbench::stats
