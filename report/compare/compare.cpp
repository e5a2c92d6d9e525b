#include "report/compare/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "report/compare/comparability.hpp"
#include "report/compare/comparison_warnings.hpp"
#include "report/results/benchmark_name.hpp"
#include "src/measure/metrics.hpp"
#include "src/stats/multiplicity.hpp"

namespace trainbench::report {
namespace {

/// Registry metrics first, in its order, then the others by name.
std::vector<std::string> metrics_of(const Subject& subject) {
  std::set<std::string> found;
  for (const Unit& unit : subject.units) {
    for (const auto& [metric, value] : unit.values) found.insert(metric);
  }
  std::vector<std::string> metrics;
  for (const MetricInfo& info : metric_registry()) {
    if (found.erase(std::string(info.name)) > 0) metrics.emplace_back(info.name);
  }
  metrics.insert(metrics.end(), found.begin(), found.end());
  return metrics;
}

std::string failure_of(std::string_view side, const Subject& subject) {
  return fmt::format("{} of {} repetitions of the {} failed: {}", subject.num_failed,
                     subject.num_failed + subject.num_skipped + subject.units.size(), side, subject.reason);
}

/// Why a benchmark that both sides have cannot be compared; empty where it can.
std::string fault_of(const Subject& baseline, const Subject& contender) {
  if (contender.num_failed > 0) return failure_of("contender", contender);
  if (baseline.num_failed > 0) return failure_of("baseline", baseline);
  const bool baseline_skipped = baseline.units.empty();
  if (baseline_skipped != contender.units.empty()) {
    return fmt::format("skipped in the {} only: {}", baseline_skipped ? "baseline" : "contender",
                       baseline_skipped ? baseline.reason : contender.reason);
  }
  return differing_measurement(baseline, contender);
}

class Comparer {
 public:
  Comparer(const CompareOptions& options, Comparison& comparison)
      : options_(options), comparison_(comparison) {}

  void add(const std::string& benchmark, const Subject& baseline, const Subject& contender) {
    if (const std::string fault = fault_of(baseline, contender); !fault.empty()) {
      add_whole(benchmark, Verdict::invalid, fault, gates_anything(benchmark, baseline, contender));
      return;
    }
    const std::vector<std::string> before = metrics_of(baseline);
    const std::vector<std::string> after = metrics_of(contender);
    for (const std::string& metric : before) {
      const bool both = std::find(after.begin(), after.end(), metric) != after.end();
      add_metric(benchmark, metric, baseline, contender,
                 both ? std::nullopt : std::optional(Verdict::missing));
    }
    for (const std::string& metric : after) {
      if (std::find(before.begin(), before.end(), metric) == before.end())
        add_metric(benchmark, metric, baseline, contender, Verdict::added);
    }
  }

  void add_missing(const std::string& benchmark, const Subject& baseline) {
    // One that the baseline skipped as well says nothing by its absence.
    if (baseline.units.empty() && baseline.num_failed == 0) return;
    add_whole(benchmark, Verdict::missing, "the contender does not have it",
              !options_.allow_missing && gates_anything(benchmark, baseline, {}));
  }

  void add_new(const std::string& benchmark) {
    add_whole(benchmark, Verdict::added, "the baseline does not have it", false);
  }

  /// Adjusts the p-values and gives the verdicts that depend on them.
  void judge_all() {
    for (const bool gated : {true, false}) {
      std::vector<std::size_t> family;
      std::vector<double> p_values;
      for (std::size_t i = 0; i < comparison_.rows.size(); ++i) {
        const ComparedRow& row = comparison_.rows[i];
        if (!row.evidence || row.verdict || !is_judged(row.rule) || row.rule.gated != gated) continue;
        family.push_back(i);
        p_values.push_back(row.evidence->p);
      }
      const std::vector<double> adjusted = stats::benjamini_hochberg(p_values);
      const JudgeOptions options{.alpha = comparison_.alpha,
                                 .family = std::max<std::size_t>(1, family.size())};
      for (std::size_t i = 0; i < family.size(); ++i) {
        ComparedRow& row = comparison_.rows[family[i]];
        row.adjusted_p = adjusted[i];
        take(judge(*row.evidence, adjusted[i], options), row);
        if (options_.before_first_look) undecide(row);
      }
      if (gated) comparison_.family = family.size();
    }
    for (ComparedRow& row : comparison_.rows) accept(row);
  }

 private:
  bool gates_anything(const std::string& benchmark, const Subject& baseline, const Subject& contender) const {
    if (baseline.units.empty() && contender.units.empty())
      return true;  // it failed: what it gates is unknown
    for (const Subject* side : {&baseline, &contender}) {
      for (const std::string& metric : metrics_of(*side)) {
        if (rule_of(options_.policy, benchmark, metric).gated) return true;
      }
    }
    return false;
  }

  void add_whole(const std::string& benchmark, Verdict verdict, const std::string& reason, bool gated) {
    ComparedRow& row = comparison_.rows.emplace_back();
    row.benchmark = benchmark;
    row.verdict = verdict;
    row.reason = reason;
    row.gated = gated && !comparison_.informational;
  }

  static void take(const Judgement& judgement, ComparedRow& row) {
    row.verdict = judgement.verdict;
    row.strong = judgement.strong;
    row.smallest_detectable = judgement.smallest_detectable;
    row.reason = judgement.reason;
  }

  static void undecide(ComparedRow& row) {
    row.verdict = Verdict::underpowered;
    row.strong = false;
    row.reason = "it ended before the first look";
  }

  void add_metric(const std::string& benchmark, const std::string& metric, const Subject& baseline,
                  const Subject& contender, std::optional<Verdict> known) {
    ComparedRow row;
    row.benchmark = benchmark;
    row.metric = metric;
    row.rule = rule_of(options_.policy, benchmark, metric);
    row.gated = row.rule.gated && !comparison_.informational;
    row.samples = samples_of(baseline, contender, metric, comparison_.paired && !known);
    if (known) {
      const bool missing = *known == Verdict::missing;
      row.verdict = known;
      row.reason = missing ? "the contender does not report it" : "the baseline does not report it";
      row.gated = row.gated && !(missing && options_.allow_missing);
    } else {
      judge_alone(baseline, contender, row);
    }
    comparison_.rows.push_back(std::move(row));
  }

  /// What needs no other row: all but the verdict of a test.
  void judge_alone(const Subject& baseline, const Subject& contender, ComparedRow& row) const {
    if (row.samples.baseline.empty()) {
      row.verdict = Verdict::invalid;
      row.reason = "no process of one side has a partner on the other";
    } else if (!row.samples.lack.empty() && is_judged(row.rule)) {
      const std::string& why = contender.reason.empty() ? baseline.reason : contender.reason;
      row.verdict = Verdict::invalid;
      row.reason = why.empty() ? row.samples.lack : fmt::format("{}: {}", row.samples.lack, why);
    } else if (row.rule.kind == Kind::exact) {
      take(judge_exact(row.samples, row.rule), row);
      if (row.verdict == Verdict::inconclusive)
        row.reason = "declared exact, and it differs between processes of one side";
    } else {
      row.evidence = weigh(row.samples, row.rule, comparison_.paired);
      if (row.evidence || !is_judged(row.rule)) return;
      row.verdict = Verdict::invalid;
      row.reason = row.rule.kind == Kind::proportion
                       ? "a value is too large to compare"
                       : "a value is zero or negative, which no time, amount or rate is";
    }
  }

  void accept(ComparedRow& row) const {
    const Accepted* entry = find_accepted(options_.policy, row.benchmark, row.metric, options_.today);
    if (entry == nullptr) return;
    row.accepted = *entry;
    const bool ended = entry->until < options_.today;
    row.let_pass = row.verdict == Verdict::regressed && !ended && is_within(row, *entry);
    if (row.let_pass) row.gated = false;
  }

  /// A count's change is of its medians: it has no estimate.
  static bool is_within(const ComparedRow& row, const Accepted& entry) {
    if (!entry.by_percent) return true;
    return worse_by_percent(row) <= *entry.by_percent;
  }

  const CompareOptions& options_;
  Comparison& comparison_;
};

ExitCode code_of(const ComparedRow& row, const CompareOptions& options) {
  if (!row.gated || !row.verdict) return ExitCode::ok;
  switch (*row.verdict) {
    case Verdict::invalid:
      return ExitCode::invalid;
    case Verdict::missing:
      return ExitCode::missing;
    case Verdict::regressed:
      return ExitCode::regressed;
    case Verdict::inconclusive:
      return options.fail_on_inconclusive ? ExitCode::inconclusive : ExitCode::ok;
    case Verdict::underpowered:
      return options.require_power ? ExitCode::inconclusive : ExitCode::ok;
    case Verdict::improved:
    case Verdict::equivalent:
    case Verdict::added:
      return ExitCode::ok;
  }
  return ExitCode::ok;
}

std::vector<std::string> in_order(const Subjects& baseline, const Subjects& contender) {
  std::set<std::string> all;
  for (const auto& [benchmark, subject] : baseline) all.insert(benchmark);
  for (const auto& [benchmark, subject] : contender) all.insert(benchmark);
  std::vector<std::string> sorted(all.begin(), all.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return std::is_lt(natural_order(a, b)); });
  return sorted;
}

void add_rows(const Side& baseline, const Side& contender, const CompareOptions& options,
              Comparison& comparison) {
  const bool one_file = baseline.files.size() == 1 && contender.files.size() == 1;
  const auto without_partner = [&](const Side& partner) {
    return comparison.paired ? partner.unreadable : std::set<std::string>();
  };
  const Subjects before = subjects_of(baseline, options.renames, one_file, without_partner(contender));
  const Subjects after = subjects_of(contender, {}, one_file, without_partner(baseline));
  Comparer comparer(options, comparison);
  for (const std::string& benchmark : in_order(before, after)) {
    const auto old_one = before.find(benchmark);
    const auto new_one = after.find(benchmark);
    if (new_one == after.end()) {
      comparer.add_missing(benchmark, old_one->second);
    } else if (old_one == before.end()) {
      comparer.add_new(benchmark);
    } else {
      comparer.add(benchmark, old_one->second, new_one->second);
      const auto facts_of = [](const Subject& subject) {
        return subject.measurements.empty() ? Facts() : *subject.measurements.begin();
      };
      comparison.measurements[benchmark] = {.baseline = facts_of(old_one->second),
                                            .contender = facts_of(new_one->second)};
    }
  }
  comparer.judge_all();
  add_subject_warnings(before, after, comparison);
}

ExitCode code_of_all(const Comparison& comparison, const CompareOptions& options) {
  ExitCode code = comparison.problems.empty() ? ExitCode::ok : ExitCode::unreadable;
  for (const ComparedRow& row : comparison.rows) code = more_severe(code, code_of(row, options));
  return code;
}

}  // namespace

Comparison compare(const Side& baseline, const Side& contender, const CompareOptions& options) {
  Comparison comparison;
  comparison.alpha = options.policy.alpha / options.looks;
  comparison.policy_source = options.policy.source;
  comparison.problems = baseline.problems;
  comparison.problems.insert(comparison.problems.end(), contender.problems.begin(), contender.problems.end());
  check_machines(baseline, contender, options.allow_different_machine, comparison);
  comparison.paired = decide_pairing(baseline, contender, options.pairing);
  add_rows(baseline, contender, options, comparison);
  add_side_notes(baseline, contender, comparison);
  add_row_warnings(comparison);
  add_accepted_notes(options.policy, options.today, comparison);
  comparison.exit_code = code_of_all(comparison, options);
  return comparison;
}

}  // namespace trainbench::report
