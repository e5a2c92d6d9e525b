#include "src/stats/equivalence.hpp"

#include <algorithm>
#include <vector>

#include "src/stats/rank_tests.hpp"
#include "src/stats/signed_rank.hpp"

namespace trainbench::stats {
namespace {

std::vector<double> plus(std::span<const double> sample, double shift) {
  std::vector<double> result(sample.begin(), sample.end());
  for (double& value : result) value += shift;
  return result;
}

}  // namespace

std::optional<double> equivalence_p(std::span<const double> baseline, std::span<const double> contender,
                                    const Zone& zone) {
  const auto above_lower = mann_whitney(plus(baseline, zone.lower), contender);
  const auto below_upper = mann_whitney(plus(baseline, zone.upper), contender);
  if (!above_lower || !below_upper) return std::nullopt;
  return std::max(above_lower->p_greater, below_upper->p_less);
}

std::optional<double> equivalence_p(std::span<const double> differences, const Zone& zone) {
  const auto above_lower = signed_rank(plus(differences, -zone.lower));
  const auto below_upper = signed_rank(plus(differences, -zone.upper));
  if (!above_lower || !below_upper) return std::nullopt;
  return std::max(above_lower->p_greater, below_upper->p_less);
}

}  // namespace trainbench::stats
