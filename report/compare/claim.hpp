#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/compare/compare.hpp"

namespace trainbench::report {

/// "The contender is faster", of one benchmark.
struct ClaimedBenchmark {
  std::string benchmark;
  std::string metric;  // images_per_second, else step_time_ms, else real_time
  std::size_t num_pairs = 0;
  double faster_by = 0;  // shift of the logarithms, positive where the contender is faster
  double p = 1;          // one-sided, exact: that it is not faster
  double p_slower = 1;   // that it is not slower
  bool accuracy_kept = true;
  std::string accuracy;  // a sentence on it
};

/// The rule for records: of each benchmark, the one-sided exact signed-rank test at p < 0.01, without a zone,
/// and the test accuracy not worse than the zone of its metric (one-sided, p <= 0.05).
struct Claim {
  std::vector<ClaimedBenchmark> benchmarks;
  std::vector<std::string> remarks;  // unread files, warnings, what is INVALID or MISSING; a sentence each
  ExitCode exit_code = ExitCode::inconclusive;  // 0 holds, 10 it is slower or less accurate, 11 not shown
};

/// `comparison` is of pairs on one machine. What makes it MISSING, INVALID or unreadable keeps its exit code.
Claim judge_claim(const Comparison& comparison);

/// "CLAIM HOLDS: the contender is faster in all of 2 benchmarks (one-sided exact p < 0.01)."
std::string headline(const Claim& claim);
std::string claim_markdown(const Claim& claim);
std::string claim_text(const Claim& claim);
std::string claim_json(const Claim& claim);

}  // namespace trainbench::report
