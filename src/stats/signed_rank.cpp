#include "src/stats/signed_rank.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <map>
#include <numeric>

#include "src/stats/bisection.hpp"
#include "src/stats/rank_interval.hpp"

namespace trainbench::stats {
namespace {

constexpr std::size_t kLargestExactPairs = 200;

struct Ranked {
  std::vector<std::size_t> twice_ranks;  // mid-ranks of |d|, doubled: whole numbers
  std::size_t twice_v = 0;
  double tie_sum = 0;  // sum of t^3 - t
};

Ranked rank_sizes(std::span<const double> differences) {
  std::vector<double> sorted;
  for (const double d : differences) {
    if (d != 0) sorted.push_back(d);
  }
  std::sort(sorted.begin(), sorted.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  Ranked ranked;
  for (std::size_t begin = 0; begin < sorted.size();) {
    std::size_t end = begin;
    while (end < sorted.size() && std::abs(sorted[end]) == std::abs(sorted[begin])) ++end;
    const std::size_t twice_rank = begin + 1 + end;  // of the ranks begin + 1 .. end
    for (std::size_t i = begin; i < end; ++i) {
      ranked.twice_ranks.push_back(twice_rank);
      if (sorted[i] > 0) ranked.twice_v += twice_rank;
    }
    const auto t = static_cast<double>(end - begin);
    ranked.tie_sum += t * t * t - t;
    begin = end;
  }
  return ranked;
}

/// P(sum of a random subset = s) for s = 0 .. sum of all.
std::vector<double> subset_sum_probabilities(const std::vector<std::size_t>& numbers) {
  std::size_t total = 0;
  for (const std::size_t number : numbers) total += number;
  std::vector<double> probability(total + 1, 0.0);
  probability[0] = 1;
  std::size_t reached = 0;
  for (const std::size_t number : numbers) {
    reached += number;
    for (std::size_t sum = reached + 1; sum-- > 0;) {
      const double taken = sum >= number ? probability[sum - number] : 0.0;
      probability[sum] = (probability[sum] + taken) / 2;
    }
  }
  return probability;
}

/// signed_rank_cdf, kept: thousands of rows ask for the same size.
const std::vector<double>& untied_cdf(std::size_t n) {
  thread_local std::map<std::size_t, std::vector<double>> known;
  std::vector<double>& cdf = known[n];
  if (!cdf.empty()) return cdf;
  std::vector<std::size_t> ranks(n);
  std::iota(ranks.begin(), ranks.end(), std::size_t{1});
  cdf = subset_sum_probabilities(ranks);
  std::partial_sum(cdf.begin(), cdf.end(), cdf.begin());
  return cdf;
}

void test_exactly(const Ranked& ranked, SignedRank& result) {
  if (ranked.tie_sum == 0) {
    // By symmetry: 1 - P would lose the digits of a small tail.
    const std::vector<double>& cdf = untied_cdf(result.num_pairs);
    result.p_less = cdf[ranked.twice_v / 2];
    result.p_greater = cdf[cdf.size() - 1 - ranked.twice_v / 2];
    return;
  }
  const std::vector<double> probability = subset_sum_probabilities(ranked.twice_ranks);
  result.p_less = 0;
  result.p_greater = 0;
  for (std::size_t sum = 0; sum < probability.size(); ++sum) {
    if (sum <= ranked.twice_v) result.p_less += probability[sum];
    if (sum >= ranked.twice_v) result.p_greater += probability[sum];
  }
}

double variance_of_v(double n) {
  return n * (n + 1) * (2 * n + 1) / 24;
}

void test_by_normal(const Ranked& ranked, SignedRank& result) {
  const auto n = static_cast<double>(result.num_pairs);
  const double mean = n * (n + 1) / 4;
  const double deviation = std::sqrt(variance_of_v(n) - ranked.tie_sum / 48);
  result.exact = false;
  result.p_less = normal_cdf((result.v - mean + 0.5) / deviation);
  result.p_greater = normal_cdf((mean - result.v + 0.5) / deviation);
}

/// How many Walsh averages are at most `limit`; the differences ascend.
std::size_t averages_up_to(const std::vector<double>& sorted, double limit) {
  std::size_t count = 0;
  std::size_t end = sorted.size();  // d_i + d_j is small enough for j < end; moves down as i moves up
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    while (end > 0 && (sorted[i] + sorted[end - 1]) / 2 > limit) --end;
    if (end <= i) break;
    count += end - i;
  }
  return count;
}

/// The k-th smallest Walsh average, k from 1.
double average_at(const std::vector<double>& sorted, std::size_t k) {
  return smallest_double(sorted.front(), sorted.back(),
                         [&](double limit) { return averages_up_to(sorted, limit) >= k; });
}

/// The largest k with P(V <= k - 1) <= tail.
IntervalRank one_sample_rank(std::size_t n, double tail) {
  IntervalRank rank;
  // (1 - 0.9) / 2 is a little less than 0.05: rounding must not cost an interval that is just wide enough.
  const double most = tail + 1e-12;
  if (n <= kLargestExactPairs) {
    const std::vector<double>& cdf = untied_cdf(n);
    for (std::size_t k = 1; k <= cdf.size() && cdf[k - 1] <= most; ++k)
      rank = {.k = k, .achieved_confidence = 1 - 2 * cdf[k - 1]};
    return rank;
  }
  const auto size = static_cast<double>(n);
  const double mean = size * (size + 1) / 4;
  const double deviation = std::sqrt(variance_of_v(size));
  const double quantile = boost::math::quantile(boost::math::normal_distribution<double>(), tail);
  const double last = std::floor(mean + quantile * deviation - 0.5);
  if (last < 0) return rank;
  return {.k = static_cast<std::size_t>(last) + 1,
          .achieved_confidence = 1 - 2 * normal_cdf((last + 0.5 - mean) / deviation)};
}

}  // namespace

std::optional<SignedRank> signed_rank(std::span<const double> differences) {
  if (!is_usable(differences)) return std::nullopt;
  const Ranked ranked = rank_sizes(differences);
  SignedRank result;
  result.num_pairs = ranked.twice_ranks.size();
  if (result.num_pairs == 0) return result;
  result.v = static_cast<double>(ranked.twice_v) / 2;
  if (result.num_pairs <= kLargestExactPairs) {
    test_exactly(ranked, result);
  } else {
    test_by_normal(ranked, result);
  }
  result.p_two_sided = std::min(1.0, 2 * std::min(result.p_less, result.p_greater));
  return result;
}

std::vector<double> signed_rank_cdf(std::size_t n) {
  return untied_cdf(n);
}

std::optional<ShiftEstimate> walsh_shift(std::span<const double> differences, double confidence) {
  if (!is_usable(differences)) return std::nullopt;
  std::vector<double> sorted(differences.begin(), differences.end());
  std::sort(sorted.begin(), sorted.end());
  const std::size_t count = sorted.size() * (sorted.size() + 1) / 2;
  ShiftEstimate estimate;
  const double lower_middle = average_at(sorted, (count + 1) / 2);
  const double upper_middle = count % 2 == 1 ? lower_middle : average_at(sorted, count / 2 + 1);
  estimate.shift = (lower_middle + upper_middle) / 2;
  const IntervalRank rank = one_sample_rank(sorted.size(), (1 - confidence) / 2);
  if (rank.k > 0) {
    estimate.interval = Interval{.lower = average_at(sorted, rank.k),
                                 .upper = average_at(sorted, count - rank.k + 1),
                                 .achieved_confidence = rank.achieved_confidence};
  }
  return estimate;
}

std::optional<RatioEstimate> walsh_ratio(std::span<const double> baseline, std::span<const double> contender,
                                         double confidence) {
  if (baseline.size() != contender.size()) return std::nullopt;
  std::vector<double> differences(baseline.size());
  std::transform(contender.begin(), contender.end(), baseline.begin(), differences.begin(),
                 [](double after, double before) { return std::log(after) - std::log(before); });
  const auto shift = walsh_shift(differences, confidence);
  if (!shift) return std::nullopt;
  RatioEstimate estimate{.ratio = std::exp(shift->shift), .interval = shift->interval};
  if (estimate.interval) {
    estimate.interval->lower = std::exp(shift->interval->lower);
    estimate.interval->upper = std::exp(shift->interval->upper);
  }
  return estimate;
}

}  // namespace trainbench::stats
