#include "report/history/store/run_record.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <tuple>

#include "report/compare/comparability.hpp"
#include "report/compare/subjects.hpp"
#include "report/history/store/run_id.hpp"
#include "report/history/store/start_time.hpp"
#include "src/base/errors.hpp"
#include "src/base/hash.hpp"

namespace trainbench::report::history {
namespace {

using SeriesName = std::tuple<std::string, std::string, std::string>;  // benchmark, metric, measurement
using ValuesBySeries = std::map<SeriesName, std::vector<double>>;

std::string measurement_fingerprint_of(const Row& row) {
  return row.measurement.empty() ? "" : fingerprint(row.measurement);
}

/// A value that a fault made worse on purpose would be taken for a regression ever after.
bool counts(const Row& row) {
  return row.status == CaseStatus::ok && row.injected.empty();
}

/// The rows that count, by what was measured: repetitions that were not measured alike are no one series.
std::map<std::string, ResultSet> parts_by_measurement(const ResultSet& results) {
  std::map<std::string, ResultSet> parts;
  for (const Row& row : results.rows) {
    if (!counts(row)) continue;
    ResultSet& part = parts[measurement_fingerprint_of(row)];
    part.kind = results.kind;
    if (part.noted.empty()) part.noted = results.noted;
    part.rows.push_back(row);
  }
  return parts;
}

ValuesBySeries values_of(const ResultSet& results) {
  ValuesBySeries values;
  for (auto& [measurement, part] : parts_by_measurement(results)) {
    Side side;
    side.files.push_back({.name = "", .results = std::move(part)});
    for (const auto& [benchmark, subject] : subjects_of(side, {}, true)) {
      for (const Unit& unit : subject.units) {
        for (const auto& [metric, value] : unit.values) {
          if (std::isfinite(value)) values[{benchmark, metric, measurement}].push_back(value);
        }
      }
    }
  }
  return values;
}

/// What the rows of one benchmark that gave no value say.
struct Losses {
  std::size_t num_rows = 0;  // all of the benchmark
  std::size_t num_failed = 0;
  std::size_t num_skipped = 0;
  std::string failed_because;  // the first
  std::string skipped_because;
};

void take_loss(const Row& row, Losses& losses) {
  ++losses.num_rows;
  if (counts(row)) return;
  if (row.status == CaseStatus::skipped) {
    if (losses.num_skipped++ == 0) losses.skipped_because = row.reason;
    return;
  }
  const std::string reason =
      row.injected.empty()
          ? row.reason
          : fmt::format("it was measured with the fault '{}' put in on purpose", row.injected);
  if (losses.num_failed++ == 0) losses.failed_because = reason;
}

std::optional<RunFailure> failure_from(const std::string& benchmark, const Losses& losses, bool has_value) {
  if (losses.num_failed > 0) {
    const bool all = losses.num_failed == losses.num_rows;
    return RunFailure{.benchmark = benchmark,
                      .status = "failed",
                      .reason = all ? losses.failed_because
                                    : fmt::format("{} of {} repetitions: {}", losses.num_failed,
                                                  losses.num_rows, losses.failed_because)};
  }
  if (has_value) return std::nullopt;
  if (losses.num_skipped > 0)
    return RunFailure{.benchmark = benchmark, .status = "skipped", .reason = losses.skipped_because};
  return RunFailure{.benchmark = benchmark, .status = "failed", .reason = "it has no finite value"};
}

std::vector<RunFailure> failures_of(const ResultSet& results, const std::vector<RunSeries>& series) {
  std::map<std::string, Losses> by_benchmark;
  for (const Row& row : results.rows) take_loss(row, by_benchmark[row.benchmark]);
  std::map<std::string, bool> has_value;
  for (const RunSeries& one : series) has_value[one.benchmark] = true;
  std::vector<RunFailure> failures;
  for (const auto& [benchmark, losses] : by_benchmark) {
    if (auto failure = failure_from(benchmark, losses, has_value[benchmark]))
      failures.push_back(std::move(*failure));
  }
  return failures;
}

int exit_code_of_run(const ResultSet& results) {
  const int stated = results.exit_code.value_or(0);
  return stated == 0 && !results.faults.empty() ? static_cast<int>(ExitCode::case_failed) : stated;
}

/// From what the results say alone: the same file is the same run, whatever was checked out when it was
/// added.
std::string id_from_content(RunRecord record, const std::string& commit) {
  record.id.clear();
  record.branch.clear();
  record.commit = {};
  Hash64 hash;
  hash.update(run_file_text(record));
  hash.update(commit);
  std::string start;
  for (const char c : record.started) {
    if (c != '-' && c != ':') start += c;
  }
  return fmt::format("{}-{}", start.empty() ? "undated" : start, hash.hex());
}

}  // namespace

RunRecord record_from(const ResultSet& results, const std::string& branch, const CommitPlace& commit) {
  if (results.rows.empty()) {
    throw InputError(
        fmt::format("'{}' holds no result: the run ended before its first benchmark did. Run it again.",
                    results.source),
        ExitCode::unreadable);
  }
  RunRecord record;
  record.started = utc_of(results.started).value_or("");
  record.branch = branch;
  record.commit = commit;
  record.exit_code = exit_code_of_run(results);
  record.machine = machine_of(results);
  record.machine_fingerprint = results.machine_fingerprint;
  if (record.machine_fingerprint.empty() && !record.machine.empty())
    record.machine_fingerprint = fingerprint(record.machine);
  for (auto& [name, values] : values_of(results)) {
    const auto& [benchmark, metric, measurement] = name;
    record.series.push_back({.benchmark = benchmark,
                             .metric = metric,
                             .measurement_fingerprint = measurement,
                             .values = std::move(values)});
  }
  record.failures = failures_of(results, record.series);
  record.id = results.id.empty() ? id_from_content(record, results.commit) : run_id_from(results.id);
  return record;
}

}  // namespace trainbench::report::history
