#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "report/compare/policy.hpp"
#include "report/compare/subjects.hpp"
#include "report/run/ratio.hpp"
#include "src/stats/power.hpp"
#include "src/stats/rank_tests.hpp"

namespace trainbench::report {

enum class Verdict { invalid, missing, regressed, improved, inconclusive, underpowered, equivalent, added };

/// "INVALID", "MISSING", "REGRESSED", "IMPROVED", "INCONCLUSIVE", "UNDERPOWERED", "EQUIVALENT", "NEW".
std::string_view to_string(Verdict verdict) noexcept;

/// What two samples say about a metric. Shifts are contender - baseline, of logarithms where `in_logs`, and
/// turned so that positive is worse.
struct Evidence {
  std::size_t num_baseline = 0;
  std::size_t num_contender = 0;  // the same number where `paired`
  bool paired = false;
  bool in_logs = false;
  double shift = 0;                           // Hodges-Lehmann; of pairs, the pseudo-median
  std::optional<stats::Interval> interval;    // 95 %
  std::optional<stats::Interval> t_interval;  // of up to seven pairs, where ranks say little
  double p = 1;                               // two-sided, exact up to 25 values a side, 200 pairs
  double separation = 0.5;      // probability, or share of the pairs, that the contender is worse
  double equivalence_p = 1;     // that the shift lies outside the zone
  double smallest_p = 1;        // that these sample sizes can reach
  std::optional<double> noise;  // standard deviation of the values, or of the pairs' differences
  double zone = 0;              // the shift that does not matter, not negative
};

/// Nothing where a sample is empty or, for a kind that is compared as a ratio, a value is not positive, or
/// for another one, beyond 1e300. `samples` of an exact kind are not weighed but judged by judge_exact.
std::optional<Evidence> weigh(const Samples& samples, const MetricRule& rule, bool paired);

/// How sure a verdict must be. Of `family` tests that decide together, a single one must reach alpha /
/// family.
struct JudgeOptions {
  double alpha = 0.05;
  std::size_t family = 1;
};

struct Judgement {
  Verdict verdict = Verdict::inconclusive;
  bool strong = false;  // the whole interval lies beyond the zone
  // The shift found with 80 % probability, not less than the zone; nothing where unknown.
  std::optional<double> smallest_detectable;
  std::string reason;  // why it is UNDERPOWERED
};

/// The first that holds: REGRESSED and IMPROVED (significant, beyond the zone and, in 80 % of the pairs, the
/// same way), EQUIVALENT (two one-sided tests), UNDERPOWERED (no significance in reach, or the smallest
/// detectable shift lies beyond the zone), INCONCLUSIVE. `adjusted_p` is the p adjusted for the family.
Judgement judge(const Evidence& evidence, double adjusted_p, const JudgeOptions& options);

/// Counts need no test: EQUIVALENT within the zone, else REGRESSED or IMPROVED; where the values of one side
/// differ among themselves and overlap with those of the other, INCONCLUSIVE. Samples are not empty.
Judgement judge_exact(const Samples& samples, const MetricRule& rule);

/// The zone of `rule` around a baseline's median, in the metric's unit.
double absolute_zone_of(const MetricRule& rule, double baseline_median);

}  // namespace trainbench::report
