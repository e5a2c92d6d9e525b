#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/measure/metrics.hpp"

namespace trainbench::report {

/// What a metric's values are, and so how two samples are compared: times, amounts (bytes, joules) and rates
/// are positive and compared as ratios; proportions are in points and compared as differences; exact ones are
/// counts without noise, where any difference beyond the zone is a finding, without a test.
enum class Kind { time, amount, rate, exact, proportion };

std::string_view to_string(Kind kind) noexcept;
std::string_view to_string(Better better) noexcept;

/// How a metric is judged. The zone is the change that does not matter: the larger of `relative_zone` (a
/// fraction) and `absolute_zone` (in the metric's unit). What is compared as a ratio has the same zone in
/// both directions, as logarithms: of 0.03, a time matters from +3 % on, and a rate, which gets worse by
/// becoming smaller, from 1 / 1.03, which is -2.91 %.
struct MetricRule {
  Better better = Better::neither;
  Kind kind = Kind::amount;
  bool gated = false;
  double relative_zone = 0.0;
  double absolute_zone = 0.0;
};

/// A metric of which neither direction is better has no verdict, unless it is a gated exact one, whose every
/// change is a regression.
bool is_judged(const MetricRule& rule) noexcept;

/// Beyond, nothing a benchmark measures would ever be a finding: a percentage was given for a fraction.
inline constexpr double kWidestRelativeZone = 1.0;

/// What a policy says about a metric; the rest is the default's.
struct RuleChange {
  std::optional<Better> better;
  std::optional<Kind> kind;
  std::optional<bool> gated;
  std::optional<double> relative_zone;
  std::optional<double> absolute_zone;
};

using RuleChanges = std::map<std::string, RuleChange>;  // by metric

/// A regression that is known and let pass until a day.
struct Accepted {
  std::string benchmark;
  std::string metric;
  // The worst change let pass, in percent of the baseline, of a proportion in points; nothing for any.
  std::optional<double> by_percent;
  std::string until;  // the last day, YYYY-MM-DD
  std::string reason;
};

/// The policy file:
///
///     {
///       "policy": 1,
///       "alpha": 0.05,
///       "metrics": {
///         "step_time_ms": {"better": "lower", "kind": "time", "gated": true,
///                          "relative_zone": 0.03, "absolute_zone": 0}
///       },
///       "benchmarks": {
///         "Exp1_CPU_1T/*": {"step_time_ms": {"relative_zone": 0.05}}
///       },
///       "accepted": [
///         {"benchmark": "Exp1_CPU_1T/batch:128", "metric": "peak_rss_mib", "by_percent": 12,
///          "until": "2027-01-31", "reason": "The larger arena of release 2."}
///       ]
///     }
///
/// Every member may be left out but "policy", the format's number, and of an accepted entry all but
/// "by_percent". Kinds: time, amount, rate, exact, proportion; better: lower, higher, neither. Metrics beyond
/// the registry are "real_time", "cpu_time" and the counters of a file. A benchmark is its canonical name or
/// a shell pattern of it; of several that match, later ones win.
struct Policy {
  std::string source;  // the file's path; empty for the defaults
  double alpha = 0.05;
  RuleChanges metrics;
  std::vector<std::pair<std::string, RuleChanges>> benchmarks;  // by pattern, in the file's order
  std::vector<Accepted> accepted;
};

/// Throws InputError (`unreadable`) that names `source`, the member and the way out for what is not such a
/// file: an unknown member (with the nearest known one), a wrong type, a value out of range, a day that does
/// not exist, a gated metric without a direction.
Policy parse_policy(std::string_view text, std::string_view source);
Policy read_policy(const std::filesystem::path& path);

/// The text of the policy file, one entry a line: parse_policy of it is the policy again.
std::string policy_text(const Policy& policy);

/// The rule of the registry, of "real_time" and "cpu_time", or of Google Benchmark's own rates; any other
/// metric is shown and not judged.
MetricRule default_rule(std::string_view metric);

/// The default's rule as the policy changes it: first for the metric, then for the benchmark.
MetricRule rule_of(const Policy& policy, std::string_view benchmark, std::string_view metric);

/// The entry that lets this benchmark's metric pass `today`, or, where none holds any longer, the last that
/// did; nullptr where there is none.
const Accepted* find_accepted(const Policy& policy, std::string_view benchmark, std::string_view metric,
                              std::string_view today = "");

/// Whether `text` is a day of the calendar as YYYY-MM-DD; such days compare like their texts.
bool is_day(std::string_view text);

}  // namespace trainbench::report
