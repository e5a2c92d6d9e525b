#pragma once

#include <optional>
#include <span>

namespace trainbench::stats {

/// The shifts that make no difference: lower < shift < upper.
struct Zone {
  double lower = 0;
  double upper = 0;
};

/// The larger p of the two one-sided tests that the shift lies above `lower` and below `upper` (Schuirmann
/// 1987): small where the shift is shown to make no difference. By the Mann-Whitney test of the shifted
/// baseline. Nothing for an empty sample or a value that is not finite.
std::optional<double> equivalence_p(std::span<const double> baseline, std::span<const double> contender,
                                    const Zone& zone);

/// The same of paired differences, by the signed-rank test.
std::optional<double> equivalence_p(std::span<const double> differences, const Zone& zone);

}  // namespace trainbench::stats
