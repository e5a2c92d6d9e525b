#include "report/history/series/analysed_series.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "report/program/program.hpp"
#include "report/results/benchmark_name.hpp"
#include "src/base/errors.hpp"
#include "src/base/nearest.hpp"

namespace trainbench::report::history {
namespace {

constexpr std::size_t kFingerprintDigits = 8;

template <typename NameOf>
[[noreturn]] void refuse_unmatched(std::string_view what, const std::string& wanted,
                                   std::span<const SeriesKey> keys, NameOf name_of) {
  std::set<std::string> names;
  for (const SeriesKey& key : keys) names.insert(name_of(key));
  const std::vector<std::string> candidates(names.begin(), names.end());
  throw InputError(fmt::format("No {} of the history fits '{}'. The nearest: {}. {}", what, wanted,
                               quoted_choice(nearest(wanted, candidates)), kTryHelp));
}

bool is_of_machine(const SeriesKey& key, const std::string& prefix) {
  return key.machine_fingerprint.starts_with(prefix);
}

/// Names the first member of the filter that leaves nothing of `all`, which is not empty.
void explain_no_match(const Store& store, const SeriesFilter& filter, std::vector<SeriesKey> all) {
  SeriesFilter applied{.benchmark = filter.benchmark};
  std::vector<SeriesKey> left = store.keys(applied);
  if (left.empty()) {
    refuse_unmatched("benchmark", filter.benchmark, all, [](const SeriesKey& key) { return key.benchmark; });
  }
  all = left;
  applied.metric = filter.metric;
  left = store.keys(applied);
  if (left.empty())
    refuse_unmatched("metric", filter.metric, all, [](const SeriesKey& key) { return key.metric; });
  all = left;
  applied.branch = filter.branch;
  left = store.keys(applied);
  if (left.empty())
    refuse_unmatched("branch", filter.branch, all, [](const SeriesKey& key) { return key.branch; });
  refuse_unmatched("machine", filter.machine_fingerprint, left,
                   [](const SeriesKey& key) { return key.machine_fingerprint; });
}

std::string fact_shown(const Facts& facts, const std::string& name) {
  const std::string value = fact_or_unknown(facts, name);
  return value == "unknown" || value == "none" ? "" : value;
}

std::string name_of_machine(const Store& store, const std::string& fingerprint, const std::string& run_id) {
  std::string short_fingerprint = fingerprint.substr(0, kFingerprintDigits);
  Facts facts;
  try {
    facts = store.run(run_id).machine;
  } catch (const InputError&) {
    return short_fingerprint;  // the file is gone since the index was made: its name is not worth a failure
  }
  std::string name = fact_shown(facts, "cpu");
  if (const std::string gpu = fact_shown(facts, "gpu"); !gpu.empty())
    name = name.empty() ? gpu : fmt::format("{}, {}", name, gpu);
  return name.empty() ? short_fingerprint : fmt::format("{} ({})", name, short_fingerprint);
}

}  // namespace

std::vector<SeriesKey> keys_of(const Store& store, const SeriesFilter& filter) {
  SeriesFilter known = filter;
  known.machine_fingerprint.clear();  // a beginning of it is enough
  std::vector<SeriesKey> keys = store.keys(known);
  std::erase_if(keys, [&](const SeriesKey& key) { return !is_of_machine(key, filter.machine_fingerprint); });
  if (!keys.empty()) return keys;
  if (std::vector<SeriesKey> all = store.keys(); !all.empty())
    explain_no_match(store, filter, std::move(all));
  return {};
}

AnalysedSeries analysed(const Store& store, const SeriesKey& key, const MetricRule& rule,
                        std::span<const Mark> marks) {
  AnalysedSeries result{.history = store.series(key), .rule = rule};
  result.analysis = analyse(result.history, rule, marks);
  return result;
}

void for_each_series(const Store& store, std::span<const SeriesKey> keys, const Policy& policy,
                     const std::function<bool(const MetricRule&)>& takes,
                     const std::function<void(const AnalysedSeries&)>& look) {
  const std::vector<Mark> marks = store.marks();
  for (const SeriesKey& key : keys) {
    const MetricRule rule = rule_of(policy, key.benchmark, key.metric);
    if (!takes(rule)) continue;
    const AnalysedSeries series = analysed(store, key, rule, marks);
    if (!series.history.points.empty()) look(series);
  }
}

bool has_regressed(const SeriesAnalysis& analysis) noexcept {
  if (analysis.worsening) return true;
  // Where no direction is better, the way back to the stable level is a change like the way there.
  if (analysis.changes.empty() || analysis.stable_segment + 1 == analysis.segments.size()) return false;
  const SeriesChange& newest = analysis.changes.back();
  return newest.direction == Direction::worse && !newest.tentative && !newest.mark;
}

std::map<std::string, std::string> names_of_machines(const Store& store, std::span<const RunSummary> runs) {
  std::map<std::string, std::string> newest_run;
  for (const RunSummary& run : runs) newest_run[run.machine_fingerprint] = run.id;
  std::map<std::string, std::string> names;
  for (const auto& [fingerprint, run_id] : newest_run) {
    names[fingerprint] =
        fingerprint.empty() ? "unknown machine" : name_of_machine(store, fingerprint, run_id);
  }
  return names;
}

}  // namespace trainbench::report::history
