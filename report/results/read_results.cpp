#include "report/results/read_results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <system_error>

#include "report/results/foreign_formats.hpp"
#include "report/results/read_google_benchmark.hpp"
#include "src/base/errors.hpp"
#include "src/base/files.hpp"
#include "src/measure/journal.hpp"

namespace trainbench::report {
namespace {

Row row_from(CaseResult&& result) {
  Row row;
  row.benchmark = std::move(result.benchmark);
  row.metrics = std::move(result.metrics);
  row.status = result.status;
  row.reason = std::move(result.reason);
  row.measurement = std::move(result.measurement);
  row.noted = std::move(result.noted);
  row.epochs = std::move(result.epochs);
  row.warnings = std::move(result.warnings);
  row.injected = std::move(result.injected);
  return row;
}

/// `argument` so that a shell takes it as one word.
std::string shell_word(const std::string& argument) {
  const bool plain =
      !argument.empty() && argument.find_first_of(" \t\n'\"\\$&|;<>()*?[]{}`~#!") == std::string::npos;
  if (plain) return argument;
  std::string word = "'";
  for (const char c : argument) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string command_of(const std::vector<std::string>& arguments) {
  std::string command = "bench";
  for (const std::string& argument : arguments) command += " " + shell_word(argument);
  return command;
}

/// Takes the second and further lines of one repetition out: n counts processes, and a repeated line is none.
std::size_t drop_repeated(std::vector<CaseResult>& cases) {
  std::set<std::pair<std::string, int>> seen;
  return std::erase_if(
      cases, [&](const CaseResult& one) { return !seen.emplace(one.benchmark, one.repetition).second; });
}

/// The repetitions that bench leaves out on purpose: where the first one of a benchmark is not ok, the others
/// are not run.
int left_out_on_purpose(const std::vector<CaseResult>& cases, int planned) {
  std::map<std::string, int> found;
  std::set<std::string> ended_at_first;
  int repetitions = 1;
  for (const CaseResult& one : cases) {
    repetitions = std::max(repetitions, one.repetition + 1);
    ++found[one.benchmark];
    if (one.repetition == 0 && one.status != CaseStatus::ok) ended_at_first.insert(one.benchmark);
  }
  if (found.empty()) return 0;
  // Where no benchmark went beyond its first repetition, the plan says how many there were to be.
  repetitions = std::max(repetitions, planned / static_cast<int>(found.size()));
  int left_out = 0;
  for (const std::string& benchmark : ended_at_first) left_out += repetitions - found[benchmark];
  return left_out;
}

bool was_interrupted(const RunEnd& end) {
  return end.exit_code == static_cast<int>(ExitCode::interrupted) ||
         end.exit_code == static_cast<int>(ExitCode::terminated);
}

/// What is wrong with the journal as a whole, in sentences.
std::vector<std::string> faults_of(const Journal& journal) {
  std::vector<std::string> faults;
  const int planned = journal.header.planned_cases;
  const int found = static_cast<int>(journal.cases.size());
  if (!journal.end) {
    faults.emplace_back("The run ended before its journal was closed (killed, interrupted or out of disk).");
  } else if (was_interrupted(*journal.end)) {
    faults.push_back(fmt::format("The run was interrupted after {} of {} cases.", found, planned));
  } else if (planned > 0 && found > planned) {
    faults.push_back(fmt::format(
        "The journal holds {} cases, {} were planned: lines of another run are in it.", found, planned));
  } else if (const int missing = planned - found - left_out_on_purpose(journal.cases, planned); missing > 0) {
    faults.push_back(fmt::format(
        "{} of the {} planned cases have no line though the run came to its end: lines were lost.", missing,
        planned));
  }
  if (journal.cut_line) faults.emplace_back("The journal's last line is cut off and was left out.");
  return faults;
}

ResultSet results_from(Journal&& journal, const std::string& source) {
  ResultSet results;
  results.source = source;
  results.kind = SourceKind::journal;
  results.id = journal.header.id;
  results.started = journal.header.started_utc;
  results.commit = journal.header.commit;
  results.preset = journal.header.preset;
  results.command = command_of(journal.header.arguments);
  if (journal.header.planned_cases > 0) results.planned_cases = journal.header.planned_cases;
  results.machine = std::move(journal.header.machine);
  results.noted = std::move(journal.header.noted);
  if (journal.end) results.exit_code = journal.end->exit_code;
  if (const std::size_t repeated = drop_repeated(journal.cases); repeated > 0) {
    results.notes.push_back(
        fmt::format("{} repeated {} of repetitions that are there already {} not counted.", repeated,
                    repeated == 1 ? "line" : "lines", repeated == 1 ? "is" : "are"));
  }
  results.faults = faults_of(journal);
  for (CaseResult& result : journal.cases) results.rows.push_back(row_from(std::move(result)));
  return results;
}

ResultSet parse_by_content(std::string_view text, const std::string& source) {
  switch (format_of(text)) {
    case SourceKind::nvbench:
      return parse_nvbench(text, source);
    case SourceKind::hyperfine:
      return parse_hyperfine(text, source);
    case SourceKind::pytest_benchmark:
      return parse_pytest_benchmark(text, source);
    case SourceKind::journal:
    case SourceKind::google_benchmark:
      break;
  }
  return parse_google_benchmark(text, source);
}

ResultSet read_one_file(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  // Both formats start with '{'; only a journal's first member is this one.
  if (text.starts_with("{\"journal\"") || path.extension() == ".ndjson")
    return results_from(parse_journal(text, fmt::format("'{}'", path.string())), path.string());
  return parse_by_content(text, path.string());
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
