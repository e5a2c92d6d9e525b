#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "report/history/store/commit_order.hpp"
#include "report/history/store/sqlite.hpp"
#include "report/history/store/store.hpp"

namespace trainbench::report::history {

/// A file of the history that the index knows: the run it took from it, or why it took none.
struct IndexedFile {
  std::string name;        // "2026-11/<run-id>.ndjson"
  std::string problem;     // empty where its run is in the index
  std::int64_t size = 0;   // when it was read; of files with a problem, which may be mended
  std::int64_t mtime = 0;  // in ticks of the file system's clock
};

/// The tables over a history's files, without any knowledge of files. Members throw as Database does.
///
/// The points of a series stand together, so that one series is a few dozen pages of a million points' file:
/// 5,000 points read by run, as they come in, would be 5,000 pages.
class Index {
 public:
  /// The file may hold anything until `prepare` has run.
  explicit Index(const std::string& file) : database_(file) {}

  /// Makes the tables where they are not those of this version.
  void prepare();
  /// Empties it, tables included, whatever state it is in.
  void reset();
  Database& database() { return database_; }

  std::vector<IndexedFile> files();                 // by name
  std::vector<RunSummary> runs();                   // by branch, then in no order
  std::vector<SeriesKey> keys();                    // in no order
  std::vector<Point> points(const SeriesKey& key);  // in no order
  std::vector<NumberedStart> numbered_starts(const std::string& branch);
  /// The file of the run; nothing where there is no such run.
  std::optional<std::string> file_of(const std::string& run_id);

 private:
  Database database_;
};

struct SeriesKeyHash {
  std::size_t operator()(const SeriesKey& key) const;
};

/// Writes into an index, within a transaction of the caller's.
class IndexWriter {
 public:
  explicit IndexWriter(Database& database);

  /// False, and nothing is written, where a run of this id is there.
  bool take(const std::string& file, const RunRecord& record);
  void note_problem(const IndexedFile& file);
  void forget(const std::vector<std::string>& files);

 private:
  std::int64_t add_run(const std::string& file, const RunRecord& record);
  std::int64_t series_of(const SeriesKey& key);

  Database& database_;
  Statement find_run_;
  Statement add_run_;
  Statement add_file_;
  Statement find_series_;
  Statement add_series_;
  Statement add_point_;
  std::unordered_map<SeriesKey, std::int64_t, SeriesKeyHash> series_;  // found or added so far
};

}  // namespace trainbench::report::history
