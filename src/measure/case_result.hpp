#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/json.hpp"
#include "src/measure/facts.hpp"
#include "src/measure/metrics.hpp"

namespace trainbench {

enum class CaseStatus { ok, failed, skipped };

std::string_view to_string(CaseStatus status) noexcept;

/// One whole pass over the training set and the evaluation behind it.
struct EpochRecord {
  int epoch = 0;  // 1 for the first
  double mean_loss = 0;
  double test_accuracy = 0;  // percent
  double seconds = 0;        // training only
};

/// What one repetition of one benchmark, one worker process, measured. A plain value; one line of the
/// journal.
struct CaseResult {
  std::string benchmark;  // canonical name: family and arguments, e.g. "Exp1_CPU_1T/batch:128"
  int repetition = 0;
  std::uint64_t seed = 0;
  CaseStatus status = CaseStatus::ok;
  std::string reason;                // a sentence; empty where status is ok
  double window_seconds = 0;         // wall time of the measured window
  std::vector<double> step_seconds;  // of every measured step, in order
  Metrics metrics;
  Facts measurement;  // what was measured, in clear: its fingerprint tells comparable results apart
  Facts noted;        // what explains noise (clocks, temperature): outside the fingerprint
  std::vector<EpochRecord> epochs;
  std::vector<std::string> warnings;  // sentences: what a reader must know before trusting the numbers
  std::string injected;               // the fault of --inject; outside the fingerprint

  std::string measurement_fingerprint() const { return fingerprint(measurement); }
};

json::object to_json(const CaseResult& result);

/// Throws InputError (`unreadable`) where a required member is missing or of the wrong type. Unknown members
/// are ignored, so that an older reader reads a newer journal.
CaseResult case_result_from_json(const json::object& object);

}  // namespace trainbench
