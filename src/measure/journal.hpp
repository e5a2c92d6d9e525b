#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/measure/case_result.hpp"

namespace trainbench {

/// The journal of a run, `journal.ndjson`: the first line is the run's header, every further line one
/// finished case, the last one the end. A line is whole or, where the process was killed while writing, the
/// last.
///
///     {"journal":1,"run":{...RunHeader...}}
///     {"case":{...CaseResult...}}
///     {"end":{"exit_code":0,"finished_utc":"..."}}
struct RunHeader {
  std::string id;  // the run folder's name
  std::string started_utc;
  std::string commit;  // of this program's source, with "-dirty" where it was changed
  std::string preset;
  std::vector<std::string> arguments;
  Facts machine;          // what must be equal for two runs to be compared
  Facts noted;            // covariates: load, clock, host name; outside the fingerprint
  int planned_cases = 0;  // cases x repetitions
};

struct RunEnd {
  int exit_code = 0;
  std::string finished_utc;
};

/// What a journal holds. `end` is absent where the run was killed; `cut_line` is true where the last line is
/// not whole.
struct Journal {
  RunHeader header;
  std::vector<CaseResult> cases;
  std::optional<RunEnd> end;
  bool cut_line = false;
};

std::string header_line(const RunHeader& header);
std::string case_line(const CaseResult& result);
std::string end_line(const RunEnd& end);

/// Throws InputError (`unreadable`) with `source` and the line's number where any line but the last is not as
/// above.
Journal parse_journal(std::string_view text, std::string_view source);
Journal read_journal(const std::filesystem::path& path);

}  // namespace trainbench
