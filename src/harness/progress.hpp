#pragma once

#include <chrono>
#include <string>

#include "src/harness/worker.hpp"

namespace trainbench {

/// Tells on stderr how far a run is: a live line on a terminal, one plain line for each finished case
/// elsewhere.
class Progress {
 public:
  /// `estimated_seconds` is for all `planned` cases together; the remaining time is corrected by what the
  /// finished ones took.
  Progress(int planned, double estimated_seconds);

  void begin_case(const std::string& benchmark, int repetition, double estimated_seconds);
  void update(const WorkerProgress& progress);
  void end_case(const CaseResult& result);

  /// A line of its own about the running case, on a terminal too.
  void tell(const std::string& text);

  /// Takes the live line away, so that other words can be printed.
  void clear();

 private:
  double remaining_seconds() const;
  void show(const std::string& text);

  bool live_;
  int planned_;
  int begun_ = 0;
  double estimated_seconds_;
  double estimated_before_seconds_ = 0;  // of the cases that are finished
  double case_estimate_seconds_ = 0;
  double case_share_ = 0;  // of the running case, how much is done
  std::string case_name_;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point last_shown_;
};

/// How much of a case is done, 0..1: the steps of its training.
double share_of_case(const WorkerProgress& progress);

/// Seconds that are left where `done_seconds` of an estimate took `elapsed_seconds`.
double remaining_of(double estimated_seconds, double done_seconds, double elapsed_seconds);

/// "45 s", "3 min", "1 h 20 min"
std::string rough_duration(double seconds);

}  // namespace trainbench
