#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/results/result_set.hpp"
#include "src/measure/facts.hpp"

namespace trainbench::report::history {

/// What was measured of one metric of one benchmark in a run: every process by itself.
struct RunSeries {
  std::string benchmark;  // canonical name
  std::string metric;     // the registry's, a user counter, or "real_time" and "cpu_time" in seconds
  std::string measurement_fingerprint;  // of what was measured; empty where the file does not say
  std::vector<double> values;           // at least one, finite; one a process, in the file's order
};

/// A benchmark that gave no value.
struct RunFailure {
  std::string benchmark;
  std::string status;  // "failed" or "skipped"
  std::string reason;
};

/// Where a run stands on its branch, as git knew it when the run was added: `number` counts the commits from
/// the branch's first to this one along first parents.
struct CommitPlace {
  std::string hash;     // as far as it is known: the whole of it, or what the result says; may be empty
  std::string subject;  // first line of the message; empty where git does not know the commit
  std::optional<std::int64_t> number;  // nothing where git does not know it, or knows only part of the past
};

/// One run as the history keeps it. A plain value, and one file of the store.
struct RunRecord {
  std::string id;       // letters, digits, '-', '_' and '.'; names the file
  std::string started;  // "2026-11-25T10:16:00Z"
  std::string branch;
  CommitPlace commit;
  int exit_code = 0;  // of the run; a run that was cut has 30
  std::string machine_fingerprint;
  Facts machine;
  std::vector<RunSeries> series;
  std::vector<RunFailure> failures;

  bool failed() const { return exit_code != 0 || series.empty(); }
};

/// Exclusively what the results say; the place of the commit is what `place_of_commit` found.
///
/// A result that states no id of its own gets one from its content, so that adding it twice is seen. Throws
/// InputError (`unreadable`) where the results hold no row at all.
RunRecord record_from(const ResultSet& results, const std::string& branch, const CommitPlace& commit);

/// The file's text: a line for the run, then one for each series and each failure, each ended by a newline,
/// and at the end {"end":N}, the number of lines before it: without it the file is half-written. The same
/// record gives the same bytes.
std::string run_file_text(const RunRecord& record);

/// The record of such a text. Throws InputError (`unreadable`) that names `source` and says what is wrong:
/// not a history file, one of a newer version, or half-written.
RunRecord parse_run_file(std::string_view text, std::string_view source);

}  // namespace trainbench::report::history
