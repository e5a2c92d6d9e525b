#include <algorithm>
#include <functional>

#include "report/history/store/index.hpp"
#include "src/stats/summary.hpp"

namespace trainbench::report::history {

std::size_t SeriesKeyHash::operator()(const SeriesKey& key) const {
  constexpr std::size_t kFactor = 31;
  std::size_t hash = 0;
  for (const std::string* text :
       {&key.benchmark, &key.metric, &key.machine_fingerprint, &key.measurement_fingerprint, &key.branch})
    hash = hash * kFactor + std::hash<std::string>()(*text);
  return hash;
}

IndexWriter::IndexWriter(Database& database)
    : database_(database),
      find_run_(database, "SELECT run FROM runs WHERE id = ?"),
      add_run_(database,
               "INSERT INTO runs (id, file, started, branch, hash, subject, number, machine, exit_code, "
               "num_series, num_failures) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      add_file_(database, "INSERT INTO files (name, run, problem, size, mtime) VALUES (?, ?, ?, ?, ?)"),
      find_series_(database,
                   "SELECT series FROM series WHERE benchmark = ? AND metric = ? AND machine = ? AND "
                   "measurement = ? AND branch = ?"),
      add_series_(database,
                  "INSERT INTO series (benchmark, metric, machine, measurement, branch) "
                  "VALUES (?, ?, ?, ?, ?)"),
      add_point_(database,
                 "INSERT INTO points (series, run, value, low, high, num_values) VALUES (?, ?, ?, ?, ?, ?)") {
}

std::int64_t IndexWriter::add_run(const std::string& file, const RunRecord& record) {
  add_run_
      .with(record.id, file, record.started, record.branch, record.commit.hash, record.commit.subject,
            record.commit.number, record.machine_fingerprint, record.exit_code, record.series.size(),
            record.failures.size())
      .run();
  return ::sqlite3_last_insert_rowid(database_.handle());
}

std::int64_t IndexWriter::series_of(const SeriesKey& key) {
  const auto known = series_.find(key);
  if (known != series_.end()) return known->second;
  const auto with_key = [&](Statement& statement) -> Statement& {
    return statement.with(key.benchmark, key.metric, key.machine_fingerprint, key.measurement_fingerprint,
                          key.branch);
  };
  std::optional<std::int64_t> series = with_key(find_series_).only();
  if (!series) {
    with_key(add_series_).run();
    series = ::sqlite3_last_insert_rowid(database_.handle());
  }
  series_.emplace(key, *series);
  return *series;
}

bool IndexWriter::take(const std::string& file, const RunRecord& record) {
  if (find_run_.with(record.id).only()) return false;
  const std::int64_t run = add_run(file, record);
  add_file_.with(file, run, std::string(), 0, 0).run();
  SeriesKey key{.benchmark = "",
                .metric = "",
                .machine_fingerprint = record.machine_fingerprint,
                .measurement_fingerprint = "",
                .branch = record.branch};
  for (const RunSeries& series : record.series) {
    key.benchmark = series.benchmark;
    key.metric = series.metric;
    key.measurement_fingerprint = series.measurement_fingerprint;
    const auto [low, high] = std::minmax_element(series.values.begin(), series.values.end());
    add_point_.with(series_of(key), run, *stats::median(series.values), *low, *high, series.values.size())
        .run();
  }
  return true;
}

void IndexWriter::note_problem(const IndexedFile& file) {
  add_file_.with(file.name, std::optional<std::int64_t>(), file.problem, file.size, file.mtime).run();
}

void IndexWriter::forget(const std::vector<std::string>& files) {
  if (files.empty()) return;
  database_.run("CREATE TEMP TABLE gone (run INTEGER PRIMARY KEY)");
  {
    Statement find(database_, "INSERT INTO gone SELECT run FROM files WHERE name = ? AND run IS NOT NULL");
    Statement remove(database_, "DELETE FROM files WHERE name = ?");
    for (const std::string& file : files) {
      find.with(file).run();
      remove.with(file).run();
    }
  }
  // Points stand by series: finding those of a run takes a pass over all, one for all runs that are gone.
  if (database_.number("SELECT count(*) FROM gone") > 0) {
    database_.run(
        "DELETE FROM points WHERE run IN gone; DELETE FROM runs WHERE run IN gone; "
        "DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM points WHERE points.series = series.series)");
    series_.clear();
  }
  database_.run("DROP TABLE gone");
}

}  // namespace trainbench::report::history
