#pragma once

#include <optional>
#include <span>
#include <vector>

namespace trainbench::stats {

/// Where noise comes from, level by level, the innermost first (Kalibera and Jones 2013, 6.1).
struct VarianceComponents {
  std::vector<double> s_squared;  // mean variance of a level's means around those of the level above
  std::vector<double> t_squared;  // what the level itself adds; may come out negative: take it as 0
};

/// Of a balanced nested design. `sizes` are the number of parts of each level, the outermost first
/// (processes, then repetitions); `values` stand in that order and are their product. Throws std::logic_error
/// where they are not, or where a level has fewer than two parts.
VarianceComponents variance_components(std::span<const double> values, std::span<const std::size_t> sizes);

/// The noise of repetitions in processes, each a standard deviation of logarithms: 0.02 is about 2 %.
struct NoiseSplit {
  double within = 0;     // between the repetitions of one process
  double between = 0;    // between processes, that of their repetitions taken out
  bool clipped = false;  // the noise within explains more than all of that between: `between` is 0
};

/// `processes` are the positive values of each process; those with one value say nothing about the noise
/// within. Unequal numbers of repetitions count by their harmonic mean. Nothing where fewer than two
/// processes have two values, or a value is not positive.
std::optional<NoiseSplit> split_noise(std::span<const std::vector<double>> processes);

/// How many repetitions a process should have: sqrt(cost of a process / cost of a repetition x within^2 /
/// between^2), at least 1 (Kalibera and Jones 2013, 7). 0 where there is no noise between processes, so that
/// one process would do.
double best_repetitions(const NoiseSplit& noise, double process_cost, double repetition_cost);

}  // namespace trainbench::stats
