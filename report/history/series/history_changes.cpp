#include "report/history/series/history_changes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "report/history/series/history_text.hpp"
#include "report/history/store/mark_file.hpp"
#include "report/program/program.hpp"
#include "src/base/errors.hpp"

namespace trainbench::report::history {
namespace {

/// Where a run stands among all: clocks that go backwards do not change the order of a branch.
struct Newness {
  std::string latest_start;  // of this run and those before it on its branch
  std::string branch;
  std::size_t rank = 0;

  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the comparison's own 0 for a pointer
  friend auto operator<=>(const Newness&, const Newness&) = default;
};

std::map<std::string, Newness> newness_by_run(std::span<const RunSummary> runs) {
  std::map<std::string, Newness> all;
  Newness current;
  for (const RunSummary& run : runs) {
    if (run.branch != current.branch) current = {.branch = run.branch};
    current.latest_start = std::max(current.latest_start, run.started);
    ++current.rank;
    all.emplace(run.id, current);
  }
  return all;
}

/// The rank of the first run of the commit, by branch.
std::map<std::string, std::size_t> first_ranks_of(const std::string& commit,
                                                  std::span<const RunSummary> runs) {
  std::map<std::string, std::size_t> ranks;
  std::string branch;
  std::size_t rank = 0;
  for (const RunSummary& run : runs) {
    rank = run.branch == branch ? rank + 1 : 1;
    branch = run.branch;
    if (says_run(commit, run.id, run.commit)) ranks.emplace(branch, rank);
  }
  return ranks;
}

}  // namespace

void add_changes(const AnalysedSeries& series, ChangeList& list) {
  const std::vector<Point>& points = series.history.points;
  list.regressed = list.regressed || (series.rule.gated && has_regressed(series.analysis));
  for (std::size_t i = 0; i < series.analysis.changes.size(); ++i) {
    const SeriesChange& change = series.analysis.changes[i];
    list.changes.push_back({.key = series.history.key,
                            .rule = series.rule,
                            .change = change,
                            .last_before = points.at(change.index - 1),
                            .first_after = points.at(change.index),
                            .series = list.num_series,
                            .number = i});
  }
  ++list.num_series;
  if (!series.analysis.worsening) return;
  list.worsening.push_back({.key = series.history.key,
                            .rule = series.rule,
                            .newest = points.back(),
                            .stable = series.analysis.segments.at(series.analysis.stable_segment)});
}

void sort_newest_first(ChangeList& list, std::span<const RunSummary> runs) {
  const std::map<std::string, Newness> newness = newness_by_run(runs);
  const auto newness_of = [&](const ListedChange& change) {
    const auto found = newness.find(change.first_after.run_id);
    return found == newness.end() ? Newness() : found->second;
  };
  std::vector<std::pair<Newness, ListedChange>> ranked;
  ranked.reserve(list.changes.size());
  for (ListedChange& change : list.changes) {
    Newness of_change = newness_of(change);
    ranked.emplace_back(std::move(of_change), std::move(change));
  }
  // Of one run, in the order of the series.
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return b.first < a.first; });
  list.changes.clear();
  for (auto& entry : ranked) list.changes.push_back(std::move(entry.second));
}

void leave_since(ChangeList& list, const std::string& commit, std::span<const RunSummary> runs) {
  const std::map<std::string, std::size_t> first_ranks = first_ranks_of(commit, runs);
  if (first_ranks.empty()) {
    throw InputError(fmt::format(
        "--since={}: no run of the history has this id, nor a commit whose hash begins so (with at least {} "
        "digits): 'bench-report history list' shows them.",
        commit, kFewestMarkDigits));
  }
  const std::map<std::string, Newness> newness = newness_by_run(runs);
  std::erase_if(list.changes, [&](const ListedChange& change) {
    const auto first = first_ranks.find(change.key.branch);
    const auto run = newness.find(change.first_after.run_id);
    return first == first_ranks.end() || run == newness.end() || run->second.rank < first->second;
  });
}

std::string headline(const ChangeList& list, bool gated_only) {
  const std::string_view of_what = gated_only ? "gated metrics" : "all metrics";
  const std::string looked_at = fmt::format("{} of {} in {}", counted(list.num_series, "series", "series"),
                                            of_what, counted(list.num_runs, "run", "runs"));
  if (list.num_series == 0) return fmt::format("Nothing was looked at: {}.", looked_at);
  if (list.changes.empty() && list.worsening.empty()) return fmt::format("Nothing changed: {}.", looked_at);
  const auto num_worse = static_cast<std::size_t>(
      std::count_if(list.changes.begin(), list.changes.end(),
                    [](const ListedChange& one) { return one.change.direction == Direction::worse; }));
  std::string text =
      fmt::format("{}, {} for the worse", counted(list.changes.size(), "change", "changes"), num_worse);
  if (!list.worsening.empty()) {
    text += fmt::format("; {} worse now than {}", counted(list.worsening.size(), "series is", "series are"),
                        list.worsening.size() == 1 ? "its stable level" : "their stable level");
  }
  return fmt::format("{} ({}).", text, looked_at);
}

}  // namespace trainbench::report::history
