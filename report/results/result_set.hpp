#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/profile/profile_digest.hpp"
#include "src/measure/case_result.hpp"

namespace trainbench::report {

/// One repetition of one benchmark, whatever file it came from.
struct Row {
  std::string benchmark;               // canonical_name
  std::optional<double> real_seconds;  // per iteration; our journal has none, its metrics say more
  std::optional<double> cpu_seconds;   // per iteration
  Metrics metrics;                     // registry metrics, and the user counters of foreign files
  CaseStatus status = CaseStatus::ok;
  std::string reason;  // why it failed or was skipped
  Facts measurement;
  Facts noted;  // what explains noise: clocks, temperature
  std::vector<EpochRecord> epochs;
  std::vector<std::string> warnings;
  std::string injected;
};

enum class SourceKind { journal, google_benchmark, nvbench, hyperfine, pytest_benchmark };

/// Everything one RUN of the command line holds. Text is empty where the file does not say.
struct ResultSet {
  std::string source;  // the path as the user gave it
  SourceKind kind = SourceKind::google_benchmark;
  std::string id;
  std::string started;
  std::string commit;
  std::string preset;
  std::string command;               // as typed into a shell
  std::optional<int> planned_cases;  // cases x repetitions
  std::optional<int> exit_code;
  std::vector<std::string> faults;  // sentences: what of the file could not be read, or that the run was cut
  std::vector<std::string> notes;   // sentences: what the reader left out, and why
  Facts machine;
  std::string machine_fingerprint;  // as the file states it
  Facts noted;                      // covariates; Google Benchmark's context
  std::vector<Row> rows;
  std::vector<ProfileDigest> profiles;  // of a run's folder, where the report asked for them
};

}  // namespace trainbench::report
