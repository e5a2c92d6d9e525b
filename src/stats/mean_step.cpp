#include "src/stats/mean_step.hpp"

#include <algorithm>
#include <cmath>

namespace trainbench::stats {
namespace {

constexpr double kLargestStep = 1e100;
constexpr double kUnusedConfidence = 0.5;

}  // namespace

Moments exact_moments(std::span<const double> sample) {
  const double first = sample.front();
  const auto n = static_cast<double>(sample.size());
  double sum = 0;
  for (const double value : sample) sum += value - first;
  Moments result{.mean = first + sum / n, .variance = 0, .n = sample.size()};
  if (sample.size() < 2) return result;
  double squares = 0;
  for (const double value : sample) squares += (value - result.mean) * (value - result.mean);
  result.variance = squares / (n - 1);
  return result;
}

double step_p(const Moments& before, const Moments& after, const StepNoise& noise) {
  if (before.n < 2 || after.n < 2) return 1;
  const bool quiet = before.variance == 0 && after.variance == 0;
  const double left = noise.inflation * (quiet ? noise.variance : before.variance);
  const double right = noise.inflation * (quiet ? noise.variance : after.variance);
  const double unit = std::max(left, right);
  if (!(unit > 0)) return before.mean == after.mean ? 1 : 0;
  // In units of the noise: the test squares variances, which would underflow.
  const double step = std::clamp((after.mean - before.mean) / std::sqrt(unit), -kLargestStep, kLargestStep);
  return welch_t_test({.mean = 0, .variance = left / unit, .n = before.n},
                      {.mean = step, .variance = right / unit, .n = after.n}, kUnusedConfidence)
      ->p_two_sided;
}

}  // namespace trainbench::stats
