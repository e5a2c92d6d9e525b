#include "report/compare/comparison_warnings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "report/run/series.hpp"
#include "src/stats/bimodality.hpp"
#include "src/stats/summary.hpp"

namespace trainbench::report {
namespace {

// One slow host moves everything: that many findings the same way are more likely its doing than the code's.
constexpr std::size_t kSuspiciousFindings = 8;
// Names listed in one warning; the table has them all.
constexpr std::size_t kMostNamed = 5;

std::string list_of(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(names.size(), kMostNamed);
  std::string text =
      fmt::format("{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  if (names.size() > shown) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

std::string name_of(const ComparedRow& row) {
  return row.metric.empty() ? row.benchmark : fmt::format("{} {}", row.benchmark, row.metric);
}

void warn_of_one_direction(Comparison& comparison) {
  std::size_t worse = 0;
  std::size_t better = 0;
  for (const ComparedRow& row : comparison.rows) {
    // A throughput is only the time again.
    if (!row.rule.gated) continue;
    if (row.verdict == Verdict::regressed) ++worse;
    if (row.verdict == Verdict::improved) ++better;
  }
  const bool one_way = (worse == 0 || better == 0) && worse + better >= kSuspiciousFindings;
  if (!one_way) return;
  comparison.warnings.push_back(fmt::format(
      "Systematic shift: all {} findings are {}. Suspect the host or the way of measuring before the code.",
      worse + better, worse > 0 ? "for the worse" : "for the better"));
}

/// Two groups of values, further apart than the zone: closer ones make no difference.
bool has_two_modes(const std::vector<double>& sample, const Evidence& evidence) {
  if (!stats::looks_bimodal(sample)) return false;
  const auto split = stats::best_split(sample);
  const double distance = evidence.in_logs ? std::log(split->upper_mean / split->lower_mean)
                                           : split->upper_mean - split->lower_mean;
  return distance > evidence.zone;
}

void warn_of_two_modes(Comparison& comparison) {
  std::vector<std::string> names;
  for (const ComparedRow& row : comparison.rows) {
    if (!row.verdict || !row.evidence) continue;
    for (const bool of_baseline : {true, false}) {
      const auto& sample = of_baseline ? row.samples.baseline : row.samples.contender;
      if (has_two_modes(sample, *row.evidence))
        names.push_back(fmt::format("{} ({})", name_of(row), of_baseline ? "baseline" : "contender"));
    }
  }
  if (names.empty()) return;
  comparison.warnings.push_back(
      fmt::format("Two modes: the values of {} fall into two groups. Look for what switches (clock, "
                  "placement, allocator) before "
                  "trusting their middle.",
                  list_of(names)));
}

std::string_view unit_of_leave(const MetricRule& rule) {
  return rule.kind == Kind::proportion ? "points" : "%";
}

void warn_of_ended_entries(Comparison& comparison) {
  for (const ComparedRow& row : comparison.rows) {
    if (!row.accepted || row.let_pass || row.verdict != Verdict::regressed) continue;
    const std::string_view unit = unit_of_leave(row.rule);
    comparison.warnings.push_back(fmt::format(
        "{} was accepted until {} ({}), which {}.", name_of(row), row.accepted->until, row.accepted->reason,
        row.accepted->by_percent && worse_by_percent(row) > *row.accepted->by_percent
            ? fmt::format("covers {:.4g} {}, and it is worse by {:.4g} {}", *row.accepted->by_percent, unit,
                          worse_by_percent(row), unit)
            : "is over"));
  }
}

void note_faults(std::string_view side, const Side& files, Comparison& comparison) {
  for (const SideFile& file : files.files) {
    for (const std::string& fault : file.results.faults)
      comparison.warnings.push_back(fmt::format("{} '{}': {}", side, file.results.source, fault));
  }
}

/// What the readers left out: each sentence once, for most files of a side say the same.
void note_what_was_left_out(std::string_view side, const Side& files, Comparison& comparison) {
  std::map<std::string, std::vector<std::string>> sources;
  for (const SideFile& file : files.files) {
    for (const std::string& note : file.results.notes) sources[note].push_back(file.results.source);
  }
  for (const auto& [note, names] : sources) {
    const std::string others = names.size() == 1 ? "" : fmt::format(" and {} more", names.size() - 1);
    comparison.notes.push_back(fmt::format("{} '{}'{}: {}", side, names.front(), others, note));
  }
}

}  // namespace

double worse_by_percent(const ComparedRow& row) {
  if (row.evidence && !row.evidence->in_logs) return row.evidence->shift;
  if (row.evidence) {
    const double sign = row.rule.better == Better::higher ? -1 : 1;  // back from "worse" to the metric's own
    return sign * 100 * std::expm1(sign * row.evidence->shift);
  }
  const auto before = stats::median(row.samples.baseline);
  const auto after = stats::median(row.samples.contender);
  if (!before || !after || *before == 0) return HUGE_VAL;
  const double change = 100 * (*after - *before) / std::abs(*before);
  return row.rule.better == Better::higher ? -change : change;
}

void add_subject_warnings(const Subjects& baseline, const Subjects& contender, Comparison& comparison) {
  for (const bool of_baseline : {true, false}) {
    std::vector<std::string> names;
    std::string fault;
    for (const auto& [benchmark, subject] : of_baseline ? baseline : contender) {
      if (subject.injected.empty()) continue;
      names.push_back(benchmark);
      fault = subject.injected;
    }
    if (names.empty()) continue;
    comparison.warnings.push_back(fmt::format("The {} was run with the injected fault '{}': {}.",
                                              of_baseline ? "baseline" : "contender", fault, list_of(names)));
  }
}

void add_row_warnings(Comparison& comparison) {
  warn_of_one_direction(comparison);
  warn_of_two_modes(comparison);
  warn_of_ended_entries(comparison);
  const bool gates = std::any_of(comparison.rows.begin(), comparison.rows.end(),
                                 [](const ComparedRow& row) { return row.gated || row.let_pass; });
  if (!gates && !comparison.informational)
    comparison.warnings.emplace_back("Nothing is gated: a pass says nothing here.");
}

void add_accepted_notes(const Policy& policy, const std::string& today, Comparison& comparison) {
  for (const Accepted& entry : policy.accepted) {
    if (entry.until < today) continue;
    const std::string_view unit = unit_of_leave(rule_of(policy, entry.benchmark, entry.metric));
    const std::string by =
        entry.by_percent ? fmt::format(" by up to {:.4g} {}", *entry.by_percent, unit) : "";
    comparison.notes.push_back(fmt::format("{}{}: a regression of {} {}{}. {}", kAcceptedNote, entry.until,
                                           entry.benchmark, entry.metric, by, entry.reason));
  }
}

void add_side_notes(const Side& baseline, const Side& contender, Comparison& comparison) {
  note_faults("Baseline", baseline, comparison);
  note_faults("Contender", contender, comparison);
  note_what_was_left_out("Baseline", baseline, comparison);
  note_what_was_left_out("Contender", contender, comparison);
  if (comparison.paired) {
    comparison.notes.emplace_back(
        "Compared pair by pair (signed-rank test): a slow drift of the machine moves both.");
  } else {
    comparison.notes.emplace_back(
        "Compared as independent samples (Mann-Whitney): a drift of the machine between the two sides looks "
        "like a "
        "change. 'bench-report gate' measures in pairs.");
  }
}

}  // namespace trainbench::report
