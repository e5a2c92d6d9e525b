#include "report/gate/calibration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <span>

#include "report/text/format.hpp"
#include "report/text/markdown.hpp"
#include "src/base/json.hpp"
#include "src/stats/power.hpp"
#include "src/stats/signed_rank.hpp"
#include "src/stats/summary.hpp"

namespace trainbench::report {
namespace {

constexpr int kDraws = 1000;
constexpr std::size_t kPairsOfADraw = 10;
constexpr double kQuantile = 0.95;

std::vector<double> pair_differences(const ComparedRow& row) {
  std::vector<double> differences;
  for (std::size_t i = 0; i < row.samples.baseline.size(); ++i) {
    const double before = row.samples.baseline[i];
    const double after = row.samples.contender[i];
    differences.push_back(row.evidence->in_logs ? std::log(after) - std::log(before) : after - before);
  }
  return differences;
}

/// The change that pairs show where there is none.
double spurious_shift(std::vector<double> differences) {
  std::mt19937_64 generator(1);
  std::vector<double> shifts;
  const std::size_t size = std::min(kPairsOfADraw, differences.size());
  for (int draw = 0; draw < kDraws; ++draw) {
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t other = i + generator() % (differences.size() - i);
      std::swap(differences[i], differences[other]);
      if ((generator() & 1U) != 0) differences[i] = -differences[i];
    }
    const auto estimate = stats::walsh_shift(std::span(differences).first(size), kConfidence);
    shifts.push_back(std::abs(estimate->shift));
  }
  return *stats::quantile(shifts, kQuantile);
}

std::optional<double> value_in(const Row& row, const std::string& metric) {
  if (row.status != CaseStatus::ok) return std::nullopt;
  if (metric == "real_time") return row.real_seconds;
  if (metric == "cpu_time") return row.cpu_seconds;
  const auto found = row.metrics.find(metric);
  return found == row.metrics.end() ? std::nullopt : std::optional(found->second);
}

/// The repetitions of each process of both sides.
std::optional<stats::NoiseSplit> split_of(const ComparedRow& row, const Side& baseline,
                                          const Side& contender) {
  std::vector<std::vector<double>> processes;
  for (const Side* side : {&baseline, &contender}) {
    for (const SideFile& file : side->files) {
      std::vector<double>& process = processes.emplace_back();
      for (const Row& one : file.results.rows) {
        if (one.benchmark != row.benchmark) continue;
        if (const auto value = value_in(one, row.metric)) process.push_back(*value);
      }
    }
  }
  return stats::split_noise(processes);
}

/// By the number of pairs; a change within the zone is no finding, however well it is seen.
std::vector<std::optional<double>> detectable_of(std::optional<double> noise, double alpha, double zone) {
  std::vector<std::optional<double>> detectable;
  for (const std::size_t pairs : kCalibratedPairs) {
    const auto effect = stats::smallest_detectable_effect(
        pairs, {.design = stats::Design::paired, .alpha = alpha / std::size(kCalibratedPairs)});
    detectable.push_back(noise && effect ? std::optional(std::max(zone, *effect * *noise)) : std::nullopt);
  }
  return detectable;
}

std::string shift_text(const CalibratedRow& row, std::optional<double> shift) {
  if (!shift) return std::string(kNoValue);
  return row.in_logs ? format_percent(std::expm1(*shift)) : fmt::format("{:.2f}", *shift);
}

std::string deviation_text(std::optional<double> deviation) {
  return deviation ? format_percent(*deviation) : std::string(kNoValue);
}

bool is_count(const CalibratedRow& row) {
  return row.rule.kind == Kind::exact;
}

/// As the policy says it: a fraction, or in the metric's unit.
double written_zone(const CalibratedRow& row) {
  return std::ceil((row.in_logs ? std::expm1(row.learned_zone) : row.learned_zone) * 1e4) / 1e4;
}

/// No policy may have a zone that wide.
bool is_too_noisy(const CalibratedRow& row) {
  return row.in_logs && row.learned_zone > row.zone && written_zone(row) >= kWidestRelativeZone;
}

}  // namespace

std::vector<CalibratedRow> calibrate_rows(const Comparison& comparison, const Side& baseline,
                                          const Side& contender) {
  std::vector<CalibratedRow> rows;
  for (const ComparedRow& row : comparison.rows) {
    const bool counted =
        row.rule.kind == Kind::exact && row.verdict != Verdict::invalid && !row.samples.baseline.empty();
    if (!row.verdict || row.metric.empty() || !(row.evidence || counted)) continue;
    CalibratedRow& result = rows.emplace_back();
    result.benchmark = row.benchmark;
    result.metric = row.metric;
    result.rule = row.rule;
    if (counted) {
      result.repeatable = row.verdict == Verdict::equivalent;
      continue;
    }
    result.in_logs = row.evidence->in_logs;
    result.split = split_of(row, baseline, contender);
    result.pair_noise = row.evidence->noise;
    result.detectable = detectable_of(result.pair_noise, comparison.alpha, row.evidence->zone);
    result.zone = row.evidence->zone;
    result.learned_zone = std::max(result.zone, spurious_shift(pair_differences(row)));
  }
  return rows;
}

Policy learned_policy(const Policy& policy, const std::vector<CalibratedRow>& rows) {
  Policy learned = policy;
  const auto change_of = [&](const CalibratedRow& row) -> RuleChange& {
    // The last of the file wins, so the benchmark's own entry goes to the end.
    const auto found = std::find_if(learned.benchmarks.begin(), learned.benchmarks.end(),
                                    [&](const auto& entry) { return entry.first == row.benchmark; });
    if (found == learned.benchmarks.end()) {
      learned.benchmarks.emplace_back(row.benchmark, RuleChanges());
    } else {
      std::rotate(found, found + 1, learned.benchmarks.end());
    }
    return learned.benchmarks.back().second[row.metric];
  };
  for (const CalibratedRow& row : rows) {
    if (!row.rule.gated) continue;
    if (is_count(row)) {
      if (!row.repeatable) change_of(row).gated = false;
    } else if (is_too_noisy(row)) {
      change_of(row).gated = false;
    } else if (row.learned_zone > row.zone) {
      RuleChange& change = change_of(row);
      (row.in_logs ? change.relative_zone : change.absolute_zone) = written_zone(row);
    }
  }
  return learned;
}

std::string calibration_markdown(const Comparison& comparison, const std::vector<CalibratedRow>& rows) {
  MarkdownTable table({{"Benchmark", Align::left},
                       {"Metric", Align::left},
                       {"Gated", Align::left},
                       {"Within a process"},
                       {"Between processes"},
                       {"Of a pair"},
                       {"Sees at 10"},
                       {"At 15"},
                       {"At 20"},
                       {"Zone"},
                       {"Learned zone"}});
  MarkdownTable counts({{"Benchmark", Align::left}, {"Count", Align::left}, {"Repeatable", Align::left}});
  for (const CalibratedRow& row : rows) {
    if (is_count(row)) {
      counts.add_row({row.benchmark, row.metric, row.repeatable ? "yes" : "no: do not gate it"});
      continue;
    }
    const auto within = row.split ? std::optional(row.split->within) : std::nullopt;
    const auto between = row.split ? std::optional(row.split->between) : std::nullopt;
    table.add_row({row.benchmark, row.metric, row.rule.gated ? "yes" : "no", deviation_text(within),
                   deviation_text(between), shift_text(row, row.pair_noise),
                   shift_text(row, row.detectable[0]), shift_text(row, row.detectable[1]),
                   shift_text(row, row.detectable[2]), shift_text(row, row.zone),
                   shift_text(row, row.learned_zone) + (is_too_noisy(row) ? ": do not gate it" : "")});
  }
  std::string text = "# What this machine can see\n\n";
  for (const std::string& note : comparison.notes) text += fmt::format("- {}\n", escape_markdown(note));
  for (const std::string& warning : comparison.warnings)
    text += fmt::format("- Warning: {}\n", escape_markdown(warning));
  text +=
      "\nNoise is a standard deviation. 'Sees' is the smallest change that the gate finds four times in "
      "five, one row "
      "alone, at that many pairs.\n";
  if (!table.empty()) text += fmt::format("\n{}", table.str());
  if (!counts.empty()) text += fmt::format("\n{}", counts.str());
  return text;
}

std::string calibration_json(const Comparison& comparison, const std::vector<CalibratedRow>& rows) {
  json::array list;
  for (const CalibratedRow& row : rows) {
    json::object object{{"benchmark", row.benchmark}, {"metric", row.metric}, {"gated", row.rule.gated}};
    if (is_count(row)) {
      object["repeatable"] = row.repeatable;
      list.push_back(std::move(object));
      continue;
    }
    object["scale"] = row.in_logs ? "log ratio" : "difference";
    if (row.split) object["within"] = row.split->within;
    if (row.split) object["between"] = row.split->between;
    if (row.pair_noise) object["pair_noise"] = *row.pair_noise;
    for (std::size_t i = 0; i < row.detectable.size(); ++i) {
      if (row.detectable[i])
        object[fmt::format("detectable_at_{}", kCalibratedPairs[i])] = *row.detectable[i];
    }
    object["zone"] = row.zone;
    object["learned_zone"] = row.learned_zone;
    if (is_too_noisy(row)) object["too_noisy"] = true;
    list.push_back(std::move(object));
  }
  const auto texts = [](const std::vector<std::string>& all) { return json::array(all.begin(), all.end()); };
  return to_json_line(json::object{{"calibration", 1},
                                   {"warnings", texts(comparison.warnings)},
                                   {"notes", texts(comparison.notes)},
                                   {"rows", std::move(list)}}) +
         "\n";
}

}  // namespace trainbench::report
