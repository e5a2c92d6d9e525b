#include "report/compare/verdict.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "src/stats/equivalence.hpp"
#include "src/stats/signed_rank.hpp"
#include "src/stats/summary.hpp"
#include "src/stats/t_tests.hpp"

namespace trainbench::report {
namespace {

// Significant and large, but not the same way in most comparisons: two modes, of which each side caught
// others.
constexpr double kLeastSeparation = 0.80;
constexpr std::size_t kMostPairsOfTInterval = 7;
// A sum of several such values is still finite.
constexpr double kLargestValue = 1e300;

bool is_ratio(Kind kind) {
  return kind == Kind::time || kind == Kind::amount || kind == Kind::rate;
}

/// Logarithms of ratios, turned so that larger is worse.
std::vector<double> oriented(std::span<const double> values, const MetricRule& rule) {
  const double sign = rule.better == Better::higher ? -1 : 1;
  std::vector<double> result;
  result.reserve(values.size());
  for (const double value : values) result.push_back(sign * (is_ratio(rule.kind) ? std::log(value) : value));
  return result;
}

double zone_of(const MetricRule& rule, double baseline_median) {
  const double absolute = absolute_zone_of(rule, baseline_median);
  const double zone = is_ratio(rule.kind) ? std::log1p(absolute / baseline_median) : absolute;
  return std::min(zone, kLargestValue);
}

void weigh_pairs(std::span<const double> baseline, std::span<const double> contender, Evidence& evidence) {
  std::vector<double> differences;
  double worse = 0;
  for (std::size_t i = 0; i < baseline.size(); ++i) {
    const double d = differences.emplace_back(contender[i] - baseline[i]);
    worse += d > 0 ? 1 : d == 0 ? 0.5 : 0;
  }
  const auto n = static_cast<double>(differences.size());
  const auto estimate = stats::walsh_shift(differences, kConfidence);
  evidence.shift = estimate->shift;
  evidence.interval = estimate->interval;
  evidence.p = stats::signed_rank(differences)->p_two_sided;
  evidence.separation = worse / n;
  evidence.smallest_p = std::min(1.0, 2 * std::pow(0.5, n));
  evidence.equivalence_p =
      *stats::equivalence_p(differences, {.lower = -evidence.zone, .upper = evidence.zone});
  const auto spread = stats::moments(differences);
  if (!spread) return;
  evidence.noise = std::sqrt(spread->variance);
  if (differences.size() > kMostPairsOfTInterval) return;
  if (const auto test = stats::paired_t_test(*spread, kConfidence)) evidence.t_interval = test->interval;
}

/// 2 / C(n + m, n): all of one side beyond all of the other.
double smallest_p(std::size_t n, std::size_t m) {
  double splits = 1;
  for (std::size_t i = 1; i <= n; ++i) splits *= static_cast<double>(m + i) / static_cast<double>(i);
  return std::min(1.0, 2 / splits);
}

void weigh_samples(std::span<const double> baseline, std::span<const double> contender, Evidence& evidence) {
  const auto estimate = stats::hodges_lehmann(baseline, contender, kConfidence);
  evidence.shift = estimate->shift;
  evidence.interval = estimate->interval;
  evidence.p = stats::mann_whitney(baseline, contender)->p_two_sided;
  evidence.separation = *stats::probability_of_superiority(baseline, contender);
  evidence.smallest_p = smallest_p(baseline.size(), contender.size());
  evidence.equivalence_p =
      *stats::equivalence_p(baseline, contender, {.lower = -evidence.zone, .upper = evidence.zone});
  const auto x = stats::moments(baseline);
  const auto y = stats::moments(contender);
  if (x && y) evidence.noise = std::sqrt((x->variance + y->variance) / 2);
}

std::optional<double> detectable_effect(std::size_t n, const stats::PowerOptions& options) {
  // Hundreds of rows ask for the same sizes, and each answer is forty evaluations of a series.
  thread_local std::map<std::tuple<std::size_t, bool, double>, std::optional<double>> known;
  const auto key = std::tuple(n, options.design == stats::Design::paired, options.alpha);
  const auto found = known.find(key);
  if (found != known.end()) return found->second;
  return known[key] = stats::smallest_detectable_effect(n, options);
}

std::optional<double> smallest_detectable(const Evidence& evidence, const JudgeOptions& options) {
  if (!evidence.noise) return std::nullopt;
  // Of unequal sizes, the harmonic mean has the same standard error.
  const auto n = static_cast<double>(evidence.num_baseline);
  const auto m = static_cast<double>(evidence.num_contender);
  const auto size = static_cast<std::size_t>(2 * n * m / (n + m));
  const auto effect =
      detectable_effect(size, {.design = evidence.paired ? stats::Design::paired : stats::Design::two_samples,
                               .alpha = options.alpha / static_cast<double>(options.family)});
  if (!effect) return std::nullopt;
  // A change within the zone is no finding, however well it is seen.
  return std::max(evidence.zone, *effect * *evidence.noise);
}

std::string why_underpowered(const Evidence& evidence, const Judgement& judgement,
                             const JudgeOptions& options) {
  const double reachable = evidence.smallest_p * static_cast<double>(options.family);
  if (reachable > options.alpha) {
    return options.family == 1 ? "too few processes for any difference to be significant"
                               : "too few processes for one difference among so many tests to be significant";
  }
  if (!judgement.smallest_detectable) return "its noise is unknown";
  return *judgement.smallest_detectable > evidence.zone ? "too noisy to see a change as large as the zone"
                                                        : "";
}

}  // namespace

std::string_view to_string(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::invalid:
      return "INVALID";
    case Verdict::missing:
      return "MISSING";
    case Verdict::regressed:
      return "REGRESSED";
    case Verdict::improved:
      return "IMPROVED";
    case Verdict::inconclusive:
      return "INCONCLUSIVE";
    case Verdict::underpowered:
      return "UNDERPOWERED";
    case Verdict::equivalent:
      return "EQUIVALENT";
    case Verdict::added:
      return "NEW";
  }
  return "";
}

double absolute_zone_of(const MetricRule& rule, double baseline_median) {
  return std::max(rule.absolute_zone, rule.relative_zone * std::abs(baseline_median));
}

std::optional<Evidence> weigh(const Samples& samples, const MetricRule& rule, bool paired) {
  if (samples.baseline.empty() || samples.contender.empty()) return std::nullopt;
  const auto is_usable = [&](double value) {
    return is_ratio(rule.kind) ? value > 0 : std::abs(value) <= kLargestValue;
  };
  if (!std::all_of(samples.baseline.begin(), samples.baseline.end(), is_usable) ||
      !std::all_of(samples.contender.begin(), samples.contender.end(), is_usable))
    return std::nullopt;
  Evidence evidence;
  evidence.num_baseline = samples.baseline.size();
  evidence.num_contender = samples.contender.size();
  evidence.paired = paired;
  evidence.in_logs = is_ratio(rule.kind);
  evidence.zone = zone_of(rule, *stats::median(samples.baseline));
  const std::vector<double> baseline = oriented(samples.baseline, rule);
  const std::vector<double> contender = oriented(samples.contender, rule);
  paired ? weigh_pairs(baseline, contender, evidence) : weigh_samples(baseline, contender, evidence);
  return evidence;
}

Judgement judge(const Evidence& evidence, double adjusted_p, const JudgeOptions& options) {
  Judgement judgement;
  judgement.smallest_detectable = smallest_detectable(evidence, options);
  const bool significant = adjusted_p <= options.alpha;
  if (significant && evidence.shift > evidence.zone && evidence.separation >= kLeastSeparation) {
    judgement.verdict = Verdict::regressed;
    judgement.strong = evidence.interval && evidence.interval->lower > evidence.zone;
  } else if (significant && -evidence.shift > evidence.zone && 1 - evidence.separation >= kLeastSeparation) {
    judgement.verdict = Verdict::improved;
    judgement.strong = evidence.interval && -evidence.interval->upper > evidence.zone;
  } else if (evidence.equivalence_p <= options.alpha) {
    judgement.verdict = Verdict::equivalent;
  } else if (const std::string reason = why_underpowered(evidence, judgement, options); !reason.empty()) {
    judgement.verdict = Verdict::underpowered;
    judgement.reason = reason;
  }
  return judgement;
}

Judgement judge_exact(const Samples& samples, const MetricRule& rule) {
  const std::vector<double> baseline = oriented(samples.baseline, rule);
  const std::vector<double> contender = oriented(samples.contender, rule);
  const auto [least, most] = std::minmax_element(baseline.begin(), baseline.end());
  const auto [least_after, most_after] = std::minmax_element(contender.begin(), contender.end());
  const double zone = absolute_zone_of(rule, *stats::median(samples.baseline));
  Judgement judgement;
  judgement.smallest_detectable = 0;
  if (*most_after - *least <= zone && *most - *least_after <= zone) {
    judgement.verdict = Verdict::equivalent;
  } else if (*least_after - *most > zone) {
    judgement.verdict = Verdict::regressed;
  } else if (*least - *most_after > zone) {
    // Of a count of which neither direction is better, such as a hash, every change is a regression.
    judgement.verdict = rule.better == Better::neither ? Verdict::regressed : Verdict::improved;
  } else {
    judgement.smallest_detectable = std::nullopt;
  }
  judgement.strong = judgement.verdict == Verdict::regressed || judgement.verdict == Verdict::improved;
  return judgement;
}

}  // namespace trainbench::report
