#include "report/read_results.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <system_error>

#include "report/read_google_benchmark.hpp"
#include "src/base/errors.hpp"
#include "src/base/files.hpp"
#include "src/measure/journal.hpp"

namespace trainbench::report {
namespace {

Row row_from(CaseResult&& result) {
  Row row;
  row.benchmark = std::move(result.benchmark);
  row.repetition = result.repetition;
  row.metrics = std::move(result.metrics);
  row.status = result.status;
  row.reason = std::move(result.reason);
  row.measurement = std::move(result.measurement);
  row.epochs = std::move(result.epochs);
  row.warnings = std::move(result.warnings);
  row.injected = std::move(result.injected);
  return row;
}

ResultSet results_from(Journal&& journal, const std::string& source) {
  ResultSet results;
  results.source = source;
  results.kind = SourceKind::journal;
  results.id = journal.header.id;
  results.started = journal.header.started_utc;
  results.commit = journal.header.commit;
  results.preset = journal.header.preset;
  results.command = fmt::format("{}", fmt::join(journal.header.arguments, " "));
  results.planned_cases = journal.header.planned_cases;
  results.machine = std::move(journal.header.machine);
  results.noted = std::move(journal.header.noted);
  if (journal.end) {
    results.exit_code = journal.end->exit_code;
    results.finished = journal.end->finished_utc;
  } else {
    results.faults.emplace_back("The run was interrupted: its journal has no end.");
  }
  if (journal.cut_line) results.faults.emplace_back("The journal's last line is cut off and was left out.");
  for (CaseResult& result : journal.cases) results.rows.push_back(row_from(std::move(result)));
  return results;
}

ResultSet read_one_file(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  // Both formats start with '{'; only a journal's first member is this one.
  if (text.starts_with("{\"journal\"") || path.extension() == ".ndjson")
    return results_from(parse_journal(text, fmt::format("'{}'", path.string())), path.string());
  return parse_google_benchmark(text, path.string());
}

}  // namespace

ResultSet read_results(const std::filesystem::path& path) {
  std::error_code ignored;  // what cannot be looked at is named by the attempt to read it
  if (!std::filesystem::is_directory(path, ignored)) return read_one_file(path);
  const std::filesystem::path journal = path / "journal.ndjson";
  const std::filesystem::path json = path / "benchmark.json";
  const bool has_json = std::filesystem::exists(json, ignored);
  if (!std::filesystem::exists(journal, ignored) && !has_json) {
    throw InputError(
        fmt::format("The folder '{}' holds neither journal.ndjson nor benchmark.json: give a run "
                    "folder of bench, or a JSON file of Google Benchmark.",
                    path.string()),
        ExitCode::unreadable);
  }
  if (!std::filesystem::exists(journal, ignored)) return read_one_file(json);
  try {
    return read_one_file(journal);
  } catch (const InputError& error) {
    if (!has_json) throw;
    ResultSet results = read_one_file(json);
    results.faults.push_back(fmt::format("{} Its benchmark.json was read instead.", error.what()));
    return results;
  }
}

}  // namespace trainbench::report
