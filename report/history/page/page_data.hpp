#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/history/series/history_changes.hpp"

namespace trainbench::report::history {

/// A row of the page's markdown.
struct PageRow {
  std::string benchmark;
  std::string metric;  // its title
  std::string machine;
  std::string branch;
  std::string newest;
  std::string newest_change;  // "✗ worse +3.20 % since 0123456789"; empty for none
  std::string bars;
  std::size_t num_runs = 0;
};

/// What a page shows, taken up series by series; none is kept whole.
///
/// The JSON that report/history/page/series.js reads, with names once and values with six significant digits,
/// but whole where they are counts:
///
///     {"runs": [["0123456789", "subject", "2026-11-25 10:16"], ...],
///      "benchmarks": [name], "metrics": [[name, title, "lower is better"]], "machines": [name], "branches":
///      [name], "series": [{
///        "b", "m", "k", "r": places in benchmarks, metrics, machines, branches,
///        "f": the measurement's fingerprint, its first digits,  "g": 1 where it is gated,  "w": 1 where it
///        worsens, "u": unit of all its values,  "t": the newest value as text, "x": [first, count, first,
///        count, ...] of its runs, "v": [value],  "l", "h": [from the lowest to the value, from the value to
///        the highest] or absent, "n": processes of each run, or one number for all, "s": [[begin, end,
///        median, low, high]] of its segments, "c": [[index, 0 worse 1 better 2 moved, tentative, marked,
///        before, after, by, state, where it lies]], "o": [index] of outliers}],
///      "order": [[series, change]], the newest change first}
class PageData {
 public:
  /// `runs` as Store::runs has them, `machines` as names_of_machines names them.
  PageData(std::span<const RunSummary> runs, const std::map<std::string, std::string>& machines);

  void add(const AnalysedSeries& series);

  /// With every "<", ">" and "&" spelt as an escape: it may stand in a script element.
  std::string json(const ChangeList& changes) const;

  const std::vector<PageRow>& rows() const { return rows_; }
  std::size_t num_machines() const { return machines_.names.size(); }
  std::size_t num_branches() const { return branches_.names.size(); }

 private:
  /// Texts in the order of their first use.
  struct Names {
    std::vector<std::string> names;
    std::map<std::string, std::size_t> places;
    std::size_t place_of(const std::string& name);
  };

  void add_json(const AnalysedSeries& series, const std::string& machine, const std::string& newest);

  std::map<std::string, std::string> machine_names_;
  std::map<std::string, std::size_t> run_places_;
  std::string runs_;    // JSON
  std::string series_;  // JSON
  Names benchmarks_;
  Names metrics_;  // JSON
  Names machines_;
  Names branches_;
  std::vector<PageRow> rows_;
};

}  // namespace trainbench::report::history
