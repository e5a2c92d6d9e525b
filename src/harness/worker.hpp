#pragma once

#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "src/harness/case_request.hpp"
#include "src/measure/case_result.hpp"

namespace trainbench {

/// Where a worker stands.
struct WorkerProgress {
  std::string phase;  // "warm-up", "train", "evaluate"
  std::int64_t step = 0;
  std::int64_t steps = 0;
  double images_per_second = 0;  // since the phase began; 0 while unknown
};

using ProgressSink = std::function<void(const WorkerProgress&)>;

struct WorkerOptions {
  std::filesystem::path program;
  std::map<std::string, std::string> environment;
  double timeout_seconds = 0;
  ProgressSink on_progress;
};

/// Runs one case in a fresh process, `program --worker=REQUEST`, and returns what it measured. A worker that
/// dies, by a signal, for want of memory or over its time, is a failed result that carries the reason.
/// Nothing where an interruption ended it. Throws EnvironmentError where no process can be started.
std::optional<CaseResult> run_in_worker(const CaseRequest& request, const WorkerOptions& options);

/// The worker's end: runs `measure` and writes progress (at most five times a second) and the result to
/// descriptor 3, one JSON line each:
///
///     {"progress":{"phase":"train","step":3,"steps":24,"images_per_second":310.5}}
///     {"case":{...CaseResult...}}
///
/// What `measure` throws becomes a failed result with the exception's sentence as reason.
void serve_worker(const CaseRequest& request,
                  const std::function<CaseResult(const CaseRequest&, const ProgressSink&)>& measure);

/// What an exception becomes: a failed result whose reason is the exception's first line (LibTorch's errors
/// carry a C++ backtrace behind it).
CaseResult result_of_failure(const CaseRequest& request, const std::exception& error);

/// A result that says why nothing was measured.
CaseResult result_without_measurement(const CaseRequest& request, CaseStatus status, std::string reason);

}  // namespace trainbench
