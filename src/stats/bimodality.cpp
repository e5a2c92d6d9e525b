#include "src/stats/bimodality.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace trainbench::stats {
namespace {

constexpr std::size_t kSmallest = 6;
constexpr std::size_t kSmallestToJudge = 10;
constexpr double kBimodalShare = 0.93;

}  // namespace

std::optional<Split> best_split(std::span<const double> sample) {
  const auto finite = [](double value) { return std::isfinite(value); };
  if (sample.size() < kSmallest || !std::all_of(sample.begin(), sample.end(), finite)) return std::nullopt;
  std::vector<double> sorted(sample.begin(), sample.end());
  std::sort(sorted.begin(), sorted.end());
  // Not left to the variance: the mean of equal values may differ from them in the last digit.
  if (sorted.front() == sorted.back()) return std::nullopt;
  const auto n = static_cast<double>(sorted.size());
  const double mean = std::accumulate(sorted.begin(), sorted.end(), 0.0) / n;
  double all = 0;
  for (const double value : sorted) all += (value - mean) * (value - mean);
  if (!(all > 0)) return std::nullopt;  // differences too small to square
  const std::size_t least = std::max<std::size_t>(3, (sorted.size() + 4) / 5);
  Split best;
  double below = 0;  // sum of the lower group's deviations from the mean
  for (std::size_t k = 1; k + least <= sorted.size(); ++k) {
    below += sorted[k - 1] - mean;
    if (k < least) continue;
    const auto lower = static_cast<double>(k);
    const double between = below * below * (1 / lower + 1 / (n - lower));
    if (between / all <= best.explained) continue;
    best = {.explained = between / all,
            .lower_mean = mean + below / lower,
            .upper_mean = mean - below / (n - lower),
            .num_lower = k};
  }
  return best;
}

bool looks_bimodal(std::span<const double> sample) {
  if (sample.size() < kSmallestToJudge) return false;
  const auto split = best_split(sample);
  return split && split->explained > kBimodalShare;
}

}  // namespace trainbench::stats
