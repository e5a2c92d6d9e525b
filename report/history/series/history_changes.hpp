#pragma once

#include <span>
#include <string>
#include <vector>

#include "report/history/series/analysed_series.hpp"

namespace trainbench::report::history {

/// One change of one series, a plain value.
struct ListedChange {
  SeriesKey key;
  MetricRule rule;
  SeriesChange change;
  Point last_before;
  Point first_after;
  std::size_t series = 0;  // counted as the series were added
  std::size_t number = 0;  // of the change within its series
};

/// A series whose last points lie beyond what is stable, on the worse side.
struct WorseningSeries {
  SeriesKey key;
  MetricRule rule;
  Point newest;
  Segment stable;
};

/// What changed in the series that were looked at.
struct ChangeList {
  std::vector<ListedChange> changes;
  std::vector<WorseningSeries> worsening;
  std::size_t num_series = 0;  // looked at
  std::size_t num_runs = 0;    // of the branches looked at
  bool regressed = false;      // has_regressed of a gated series
  std::vector<std::string> problems;
};

/// Adds what is to be said of one series.
void add_changes(const AnalysedSeries& series, ChangeList& list);

/// Newest first: by commit order within a branch, the branches interleaved by when their runs were started.
/// `runs` is Store::runs.
void sort_newest_first(ChangeList& list, std::span<const RunSummary> runs);

/// Leaves the changes that the run of `commit` (seven digits of its hash, or a run's id) or a later one of
/// its branch showed first; branches without it have none. Throws InputError (`usage`) where no run is of
/// that commit.
void leave_since(ChangeList& list, const std::string& commit, std::span<const RunSummary> runs);

/// "2 changes of gated metrics, 1 of them for the worse", or that nothing changed, with how much was looked
/// at.
std::string headline(const ChangeList& list, bool gated_only);

struct ChangeTexts {
  std::string title;       // of the markdown
  bool gated_only = true;  // what was looked at
};

/// GitHub's markdown: the headline, what is worse now than its stable level, a row for each change, newest
/// first, and the files of the store that could not be read. Rows are left out from the oldest where they do
/// not fit into `budget` bytes, and it is said how many.
std::string changes_markdown(const ChangeList& list, const ChangeTexts& texts, std::size_t budget);

/// A change in one line, which may hold control characters of the data.
std::string line_of_change(const ListedChange& one);

/// The headline, then a line for each.
std::string changes_text(const ChangeList& list, bool gated_only);

/// Everything, on one line: {"history_changes": 1, "regressed": ..., "changes": [...], ...}.
std::string changes_json(const ChangeList& list);

/// The table of the first `count` changes, whose columns the markdown and the page share.
std::string changes_table(const ChangeList& list, std::size_t count);

}  // namespace trainbench::report::history
