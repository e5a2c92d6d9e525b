#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/compare/compare.hpp"
#include "src/stats/noise_split.hpp"

namespace trainbench::report {

/// What one metric's noise allows, learned from pairs of the same program.
struct CalibratedRow {
  std::string benchmark;
  std::string metric;
  MetricRule rule;
  bool in_logs = false;
  std::optional<stats::NoiseSplit> split;         // where processes hold several repetitions
  std::optional<double> pair_noise;               // standard deviation of the pairs' differences, as a shift
  std::vector<std::optional<double>> detectable;  // at each of kCalibratedPairs
  double zone = 0;                                // the policy's, as a shift
  double learned_zone = 0;                        // at least the policy's
  bool repeatable = true;                         // of counts: every process gave the same
};

/// The looks of the gate.
inline constexpr std::size_t kCalibratedPairs[] = {10, 15, 20};

/// Of every judged row of a comparison of a program with itself. The learned zone is the larger of the
/// policy's and the 95th percentile of the change that ten of its pairs show where there is none: over 1,000
/// draws of ten pairs with the sign of each drawn as well, which is what exchanging its two processes does.
std::vector<CalibratedRow> calibrate_rows(const Comparison& comparison, const Side& baseline,
                                          const Side& contender);

/// The policy with the zones learned, for the gated rows whose noise asks for a wider one; those that ask for
/// one of 100 % or more, and counts that are not repeatable, are no longer gated.
Policy learned_policy(const Policy& policy, const std::vector<CalibratedRow>& rows);

std::string calibration_markdown(const Comparison& comparison, const std::vector<CalibratedRow>& rows);
std::string calibration_json(const Comparison& comparison, const std::vector<CalibratedRow>& rows);

}  // namespace trainbench::report
