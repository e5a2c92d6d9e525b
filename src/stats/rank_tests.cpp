#include "src/stats/rank_tests.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <map>
#include <utility>

#include "src/stats/bisection.hpp"
#include "src/stats/rank_interval.hpp"

namespace trainbench::stats {
namespace {

// C(50, 25) = 1.3e14 arrangements still fit a double exactly; the table of states grows with n m^2.
constexpr std::size_t kLargestExactSample = 25;

std::vector<double> sorted_copy(std::span<const double> sample) {
  std::vector<double> sorted(sample.begin(), sample.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

/// 2 U, a whole number.
std::size_t twice_u(const std::vector<double>& baseline, const std::vector<double>& contender) {
  std::size_t total = 0;
  for (const double value : contender) {
    const auto [below, above] = std::equal_range(baseline.begin(), baseline.end(), value);
    total += static_cast<std::size_t>((below - baseline.begin()) + (above - baseline.begin()));
  }
  return total;
}

/// Sizes of the groups of equal values in both samples together, in ascending order of the values.
std::vector<std::size_t> tie_groups(std::span<const double> baseline, std::span<const double> contender) {
  std::vector<double> pooled(baseline.begin(), baseline.end());
  pooled.insert(pooled.end(), contender.begin(), contender.end());
  std::sort(pooled.begin(), pooled.end());
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i < pooled.size(); ++i) {
    if (i > 0 && pooled[i] == pooled[i - 1]) {
      ++sizes.back();
    } else {
      sizes.push_back(1);
    }
  }
  return sizes;
}

double choose(std::size_t n, std::size_t k) {
  double result = 1;
  for (std::size_t i = 1; i <= k; ++i)
    result = result * static_cast<double>(n - k + i) / static_cast<double>(i);
  return std::round(result);
}

/// Number of ways to give `m` of the pooled values to the contender so that 2 U has each value 0 .. 2nm.
std::vector<double> arrangements(const std::vector<std::size_t>& groups, std::size_t n, std::size_t m) {
  const std::size_t width = 2 * n * m + 1;
  std::vector<std::vector<double>> ways(m + 1, std::vector<double>(width, 0.0));
  ways[0][0] = 1;
  std::size_t below = 0;  // pooled values of the groups that are done
  for (const std::size_t size : groups) {
    std::vector<std::vector<double>> next(m + 1, std::vector<double>(width, 0.0));
    for (std::size_t taken = 0; taken <= std::min(m, below); ++taken) {
      if (below - taken > n) continue;
      for (std::size_t take = 0; take <= std::min(size, m - taken); ++take) {
        if (below - taken + size - take > n) continue;  // more than the baseline has
        const std::size_t gain = take * (2 * (below - taken) + (size - take));
        const double factor = choose(size, take);
        // So far at most every taken value is larger than every other one.
        const std::size_t most = 2 * taken * (below - taken);
        for (std::size_t u = 0; u <= most; ++u) next[taken + take][u + gain] += factor * ways[taken][u];
      }
    }
    ways = std::move(next);
    below += size;
  }
  return ways[m];
}

/// The same where no two values are equal, U = 0 .. nm: the coefficients of the product of
/// (1 - q^(m + i)) / (1 - q^i) over i = 1 .. n. After each i they are those of a smaller n: whole numbers of
/// at most C(n + m, n), so that every step is exact.
std::vector<double> untied_arrangements(std::size_t n, std::size_t m) {
  std::vector<double> ways(n * m + 1, 0.0);
  ways[0] = 1;
  for (std::size_t i = 1; i <= n; ++i) {
    for (std::size_t u = ways.size(); u-- > m + i;) ways[u] -= ways[u - m - i];
    for (std::size_t u = i; u < ways.size(); ++u) ways[u] += ways[u - i];
  }
  return ways;
}

/// mann_whitney_cdf, kept: thousands of rows ask for the same sizes.
const std::vector<double>& untied_cdf(std::size_t n, std::size_t m) {
  thread_local std::map<std::pair<std::size_t, std::size_t>, std::vector<double>> known;
  std::vector<double>& cdf = known[{n, m}];
  if (!cdf.empty()) return cdf;
  cdf = untied_arrangements(n, m);
  double sum = 0;
  for (double& ways : cdf) {
    sum += ways;
    ways = sum / choose(n + m, n);
  }
  return cdf;
}

/// Both tails by the distribution's symmetry: 1 - P would lose the digits of a small one.
MannWhitney untied_test(std::size_t n, std::size_t m, std::size_t u) {
  const std::vector<double>& cdf = untied_cdf(n, m);
  const double less = cdf[u];
  const double greater = cdf[n * m - u];
  return {.u = static_cast<double>(u),
          .p_two_sided = std::min(1.0, 2 * std::min(less, greater)),
          .p_less = less,
          .p_greater = greater};
}

/// `counts` by twice U, as `arrangements` gives them.
MannWhitney tied_test(const std::vector<double>& counts, std::size_t observed, std::size_t nm) {
  const auto distance = [nm](std::size_t u2) { return u2 > nm ? u2 - nm : nm - u2; };
  double all = 0;
  double less = 0;
  double greater = 0;
  double as_far = 0;
  for (std::size_t u2 = 0; u2 < counts.size(); ++u2) {
    all += counts[u2];
    if (u2 <= observed) less += counts[u2];
    if (u2 >= observed) greater += counts[u2];
    if (distance(u2) >= distance(observed)) as_far += counts[u2];
  }
  return {.u = static_cast<double>(observed) / 2,
          .p_two_sided = as_far / all,
          .p_less = less / all,
          .p_greater = greater / all};
}

/// How many differences y - x are at most `limit`; both samples ascend.
std::size_t differences_up_to(const std::vector<double>& x, const std::vector<double>& y, double limit) {
  std::size_t count = 0;
  std::size_t first = 0;  // the first x with y - x <= limit; moves up with y
  for (const double value : y) {
    while (first < x.size() && value - x[first] > limit) ++first;
    count += x.size() - first;
  }
  return count;
}

/// The k-th smallest difference y - x, k from 1, by bisection over the doubles: at most 64 linear passes.
double difference_at(const std::vector<double>& x, const std::vector<double>& y, std::size_t k) {
  return smallest_double(y.front() - x.back(), y.back() - x.front(),
                         [&](double limit) { return differences_up_to(x, y, limit) >= k; });
}

/// The largest k with P(U <= k - 1) <= tail.
IntervalRank two_sample_rank(std::size_t n, std::size_t m, double tail) {
  IntervalRank rank;
  const auto consider = [&](std::size_t k, double probability) {
    // (1 - 0.9) / 2 is a little less than 0.05: rounding must not cost an interval that is just wide enough.
    if (probability > tail + 1e-12) return false;
    rank = {.k = k, .achieved_confidence = 1 - 2 * probability};
    return true;
  };
  if (n <= kLargestExactSample && m <= kLargestExactSample) {
    const std::vector<double>& cdf = untied_cdf(n, m);
    for (std::size_t k = 1; k <= n * m && consider(k, cdf[k - 1]); ++k) continue;
    return rank;
  }
  const auto nm = static_cast<double>(n) * static_cast<double>(m);
  const double deviation = std::sqrt(nm / 12 * static_cast<double>(n + m + 1));
  const double quantile = boost::math::quantile(boost::math::normal_distribution<double>(), tail);
  const double last = std::floor(nm / 2 + quantile * deviation - 0.5);
  if (last >= 0) consider(static_cast<std::size_t>(last) + 1, normal_cdf((last + 0.5 - nm / 2) / deviation));
  return rank;
}

}  // namespace

std::optional<MannWhitney> mann_whitney_normal(std::span<const double> baseline,
                                               std::span<const double> contender) {
  if (!is_usable(baseline) || !is_usable(contender)) return std::nullopt;
  const auto nm = static_cast<double>(baseline.size()) * static_cast<double>(contender.size());
  const auto all = static_cast<double>(baseline.size() + contender.size());
  double ties = 0;
  for (const std::size_t size : tie_groups(baseline, contender)) {
    const auto t = static_cast<double>(size);
    ties += t * t * t - t;
  }
  MannWhitney result;
  result.exact = false;
  result.u = static_cast<double>(twice_u(sorted_copy(baseline), sorted_copy(contender))) / 2;
  const double variance = nm / 12 * ((all + 1) - ties / (all * (all - 1)));
  if (variance <= 0) return result;  // all values are equal
  const double deviation = std::sqrt(variance);
  result.p_less = normal_cdf((result.u - nm / 2 + 0.5) / deviation);
  result.p_greater = normal_cdf((nm / 2 - result.u + 0.5) / deviation);
  result.p_two_sided = std::min(1.0, 2 * std::min(result.p_less, result.p_greater));
  return result;
}

std::optional<MannWhitney> mann_whitney(std::span<const double> baseline, std::span<const double> contender) {
  if (!is_usable(baseline) || !is_usable(contender)) return std::nullopt;
  if (baseline.size() > kLargestExactSample || contender.size() > kLargestExactSample)
    return mann_whitney_normal(baseline, contender);
  const std::size_t n = baseline.size();
  const std::size_t m = contender.size();
  const std::vector<std::size_t> groups = tie_groups(baseline, contender);
  const std::size_t observed = twice_u(sorted_copy(baseline), sorted_copy(contender));
  if (groups.size() == n + m) return untied_test(n, m, observed / 2);
  return tied_test(arrangements(groups, n, m), observed, n * m);
}

std::optional<double> probability_of_superiority(std::span<const double> baseline,
                                                 std::span<const double> contender) {
  if (!is_usable(baseline) || !is_usable(contender)) return std::nullopt;
  const auto nm = static_cast<double>(baseline.size()) * static_cast<double>(contender.size());
  return static_cast<double>(twice_u(sorted_copy(baseline), sorted_copy(contender))) / 2 / nm;
}

std::vector<double> mann_whitney_cdf(std::size_t n, std::size_t m) {
  return untied_cdf(n, m);
}

std::optional<ShiftEstimate> hodges_lehmann(std::span<const double> baseline,
                                            std::span<const double> contender, double confidence) {
  if (!is_usable(baseline) || !is_usable(contender)) return std::nullopt;
  const std::vector<double> x = sorted_copy(baseline);
  const std::vector<double> y = sorted_copy(contender);
  const std::size_t nm = x.size() * y.size();
  ShiftEstimate estimate;
  const double lower_middle = difference_at(x, y, (nm + 1) / 2);
  const double upper_middle = nm % 2 == 1 ? lower_middle : difference_at(x, y, nm / 2 + 1);
  estimate.shift = (lower_middle + upper_middle) / 2;
  const IntervalRank rank = two_sample_rank(x.size(), y.size(), (1 - confidence) / 2);
  if (rank.k > 0) {
    estimate.interval = Interval{.lower = difference_at(x, y, rank.k),
                                 .upper = difference_at(x, y, nm - rank.k + 1),
                                 .achieved_confidence = rank.achieved_confidence};
  }
  return estimate;
}

std::optional<RatioEstimate> hodges_lehmann_ratio(std::span<const double> baseline,
                                                  std::span<const double> contender, double confidence) {
  const auto logarithms = [](std::span<const double> sample) {
    std::vector<double> result(sample.size());
    std::transform(sample.begin(), sample.end(), result.begin(),
                   [](double value) { return std::log(value); });
    return result;
  };
  const auto shift = hodges_lehmann(logarithms(baseline), logarithms(contender), confidence);
  if (!shift) return std::nullopt;
  RatioEstimate estimate;
  estimate.ratio = std::exp(shift->shift);
  if (shift->interval) {
    estimate.interval = Interval{.lower = std::exp(shift->interval->lower),
                                 .upper = std::exp(shift->interval->upper),
                                 .achieved_confidence = shift->interval->achieved_confidence};
  }
  return estimate;
}

}  // namespace trainbench::stats
