#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "report/history/store/run_record.hpp"

namespace trainbench::report::history {

/// What makes values comparable over time.
struct SeriesKey {
  std::string benchmark;
  std::string metric;
  std::string machine_fingerprint;
  std::string measurement_fingerprint;
  std::string branch;

  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the comparison's own 0 for a pointer
  friend auto operator<=>(const SeriesKey&, const SeriesKey&) = default;
};

/// One run of a series.
struct Point {
  std::string run_id;
  std::string started;
  CommitPlace commit;
  double value = 0;  // median of the run's processes
  double low = 0;    // smallest and largest of them
  double high = 0;
  std::size_t num_values = 0;  // processes
};

struct SeriesHistory {
  SeriesKey key;
  std::vector<Point> points;  // in commit order
};

/// A run in the list.
struct RunSummary {
  std::string id;
  std::string started;
  std::string branch;
  CommitPlace commit;
  std::string machine_fingerprint;
  int exit_code = 0;
  std::size_t num_series = 0;
  std::size_t num_failures = 0;
};

/// What a human says of a change: it was meant ("expected"), is known ("acknowledged") or is over ("fixed").
/// An expected one splits the series' segment there, whether a change was found or not.
struct Mark {
  std::string benchmark;  // a canonical name or a shell pattern of it
  std::string metric;     // a name or a shell pattern
  std::string commit;  // the first commit after the change, at least seven digits of its hash, or a run's id
  std::string kind;    // "expected", "acknowledged", "fixed"
  std::string reason;
  std::string day;  // YYYY-MM-DD
};

/// Which series are asked for; an empty member takes all. Benchmark and metric are shell patterns.
struct SeriesFilter {
  std::string benchmark;
  std::string metric;
  std::string branch;
  std::string machine_fingerprint;
};

enum class Added { added, already_there };

/// A folder of immutable files, `YYYY-MM/<run-id>.ndjson` and `marks/<content hash>.json`, each written by
/// rename, and an index of them, `index.sqlite`, which is made again where it is missing, broken or of
/// another version. Points of a series stand in commit order: by the commit's number; a run without one
/// stands behind the newest numbered run of its branch that started no later than it; runs of one place by
/// start and id.
///
/// Every member throws EnvironmentError (`cannot_write`) where the folder or the index cannot be written;
/// what was opened without `create` is read through an index in memory then.
class Store {
 public:
  /// Opens the folder, and takes files that are new since into the index. Throws InputError (`no_baseline`)
  /// where there is no such folder, unless `create`.
  explicit Store(const std::filesystem::path& folder, bool create = false);
  ~Store();
  Store(const Store&) = delete;  // one connection, one owner
  Store& operator=(const Store&) = delete;

  /// Throws InputError (`unreadable`) where another run of the same id is there with another content.
  Added add(const RunRecord& record);
  void add(const Mark& mark);

  std::vector<RunSummary> runs() const;  // in commit order of each branch, branches by name
  std::vector<Mark> marks() const;       // by day, then by content
  std::vector<SeriesKey> keys(const SeriesFilter& filter = {}) const;  // in natural order of their names
  SeriesHistory series(const SeriesKey& key) const;
  /// The whole record, from its file. Throws InputError (`unreadable`).
  RunRecord run(const std::string& id) const;

  /// Sentences: files that could not be read, and were left out.
  const std::vector<std::string>& problems() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace trainbench::report::history
