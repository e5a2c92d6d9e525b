#include "report/history/store/index.hpp"

#include <fmt/format.h>

namespace trainbench::report::history {
namespace {

constexpr std::int64_t kIndexVersion = 1;

// The rollback journal, because two processes cannot switch a fresh file to a write-ahead log at once. The
// cache holds the pages that a rebuild of a million points touches again and again.
constexpr const char* kSettings =
    "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY; "
    "PRAGMA cache_size = -98304;";

constexpr const char* kTables = R"(
CREATE TABLE files (
  name TEXT PRIMARY KEY, run INTEGER, problem TEXT NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE runs (
  run INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, file TEXT NOT NULL, started TEXT NOT NULL,
  branch TEXT NOT NULL, hash TEXT NOT NULL, subject TEXT NOT NULL, number INTEGER,
  machine TEXT NOT NULL, exit_code INTEGER NOT NULL, num_series INTEGER NOT NULL, num_failures INTEGER NOT NULL
);
CREATE INDEX numbered_runs ON runs (branch, started, number) WHERE number IS NOT NULL;
CREATE TABLE series (
  series INTEGER PRIMARY KEY, benchmark TEXT NOT NULL, metric TEXT NOT NULL, machine TEXT NOT NULL,
  measurement TEXT NOT NULL, branch TEXT NOT NULL,
  UNIQUE (benchmark, metric, machine, measurement, branch)
);
CREATE TABLE points (
  series INTEGER, run INTEGER, value REAL NOT NULL, low REAL NOT NULL, high REAL NOT NULL,
  num_values INTEGER NOT NULL, PRIMARY KEY (series, run)
) WITHOUT ROWID;
)";

void drop_all(Database& database) {
  std::vector<std::string> names;
  {
    Statement tables(database,
                     "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'");
    while (tables.next()) names.push_back(tables.text(0));
  }
  for (const std::string& name : names) {
    std::string quoted;
    for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    database.run(fmt::format("DROP TABLE \"{}\"", quoted).c_str());
  }
}

CommitPlace commit_at(const Statement& row, int column) {
  CommitPlace commit{.hash = row.text(column), .subject = row.text(column + 1), .number = std::nullopt};
  if (row.has(column + 2)) commit.number = row.whole(column + 2);
  return commit;
}

}  // namespace

void Index::prepare() {
  database_.run(kSettings);
  if (database_.number("PRAGMA user_version") == kIndexVersion) return;
  Transaction transaction(database_);
  // Another process may have made them meanwhile.
  if (database_.number("PRAGMA user_version") == kIndexVersion) return;
  drop_all(database_);
  database_.run(kTables);
  database_.run(fmt::format("PRAGMA user_version = {}", kIndexVersion).c_str());
  transaction.commit();
}

void Index::reset() {
  database_.reset();
  prepare();
}

std::vector<IndexedFile> Index::files() {
  Statement rows(database_, "SELECT name, problem, size, mtime FROM files ORDER BY name");
  std::vector<IndexedFile> files;
  while (rows.next()) {
    files.push_back(
        {.name = rows.text(0), .problem = rows.text(1), .size = rows.whole(2), .mtime = rows.whole(3)});
  }
  return files;
}

std::vector<RunSummary> Index::runs() {
  Statement rows(
      database_,
      "SELECT id, started, branch, hash, subject, number, machine, exit_code, num_series, num_failures "
      "FROM runs ORDER BY branch");
  std::vector<RunSummary> runs;
  while (rows.next()) {
    runs.push_back({.id = rows.text(0),
                    .started = rows.text(1),
                    .branch = rows.text(2),
                    .commit = commit_at(rows, 3),
                    .machine_fingerprint = rows.text(6),
                    .exit_code = static_cast<int>(rows.whole(7)),
                    .num_series = static_cast<std::size_t>(rows.whole(8)),
                    .num_failures = static_cast<std::size_t>(rows.whole(9))});
  }
  return runs;
}

std::vector<SeriesKey> Index::keys() {
  Statement rows(database_, "SELECT benchmark, metric, machine, measurement, branch FROM series");
  std::vector<SeriesKey> keys;
  while (rows.next()) {
    keys.push_back({.benchmark = rows.text(0),
                    .metric = rows.text(1),
                    .machine_fingerprint = rows.text(2),
                    .measurement_fingerprint = rows.text(3),
                    .branch = rows.text(4)});
  }
  return keys;
}

std::vector<Point> Index::points(const SeriesKey& key) {
  Statement rows(database_,
                 "SELECT id, started, hash, subject, number, value, low, high, num_values "
                 "FROM points CROSS JOIN runs USING (run) WHERE points.series = ("
                 "SELECT series FROM series WHERE benchmark = ? AND metric = ? AND machine = ? AND "
                 "measurement = ? AND branch = ?)");
  rows.with(key.benchmark, key.metric, key.machine_fingerprint, key.measurement_fingerprint, key.branch);
  std::vector<Point> points;
  while (rows.next()) {
    points.push_back({.run_id = rows.text(0),
                      .started = rows.text(1),
                      .commit = commit_at(rows, 2),
                      .value = rows.number(5),
                      .low = rows.number(6),
                      .high = rows.number(7),
                      .num_values = static_cast<std::size_t>(rows.whole(8))});
  }
  return points;
}

std::vector<NumberedStart> Index::numbered_starts(const std::string& branch) {
  Statement rows(database_, "SELECT started, number FROM runs WHERE branch = ? AND number IS NOT NULL");
  rows.with(branch);
  std::vector<NumberedStart> starts;
  while (rows.next()) starts.push_back({.started = rows.text(0), .number = rows.whole(1)});
  return starts;
}

std::optional<std::string> Index::file_of(const std::string& run_id) {
  Statement rows(database_, "SELECT file FROM runs WHERE id = ?");
  rows.with(run_id);
  return rows.next() ? std::optional(rows.text(0)) : std::nullopt;
}

}  // namespace trainbench::report::history
