#pragma once

#include <cmath>
#include <filesystem>
#include <random>
#include <string>

#include "src/base/files.hpp"
#include "tests/report/comparison_sides.hpp"

namespace trainbench::report {

/// Noise of the logarithms of times: per process, a drift that lasts from one process to the next (an
/// autoregressive series of coefficient 0.9), and outliers.
struct Noise {
  double process = 0.02;
  double drift = 0.03;
  double outlier_share = 0.05;
  double outlier = 0.15;
};

struct SimulatedPairs {
  Side baseline;
  Side contender;
};

/// A machine that runs processes one after the other.
class SimulatedMachine {
 public:
  SimulatedMachine(const Noise& noise, unsigned seed) : noise_(noise), generator_(seed) {
    drift_ = noise_.drift * normal_(generator_);
  }

  /// Pairs in random order, as gate measures them, of `metrics` benchmarks that share the drift.
  SimulatedPairs pairs(std::size_t num_pairs, std::size_t metrics, double slowdown) {
    SimulatedPairs result;
    for (std::size_t pair = 0; pair < num_pairs; ++pair) {
      const std::string name = fmt::format("pair-{:02}.json", pair + 1);
      const bool baseline_first = uniform_(generator_) < 0.5;
      for (const bool first : {true, false}) {
        const bool of_baseline = first == baseline_first;
        Side& side = of_baseline ? result.baseline : result.contender;
        side.files.push_back(file_of(name, process(metrics, of_baseline ? 1 : slowdown)));
      }
    }
    return result;
  }

 private:
  std::vector<Row> process(std::size_t metrics, double factor) {
    constexpr double kPersistence = 0.9;
    drift_ = kPersistence * drift_ +
             noise_.drift * std::sqrt(1 - kPersistence * kPersistence) * normal_(generator_);
    std::vector<Row> rows;
    for (std::size_t i = 0; i < metrics; ++i) {
      const double outlier = uniform_(generator_) < noise_.outlier_share ? noise_.outlier : 0;
      rows.push_back(
          time_row(fmt::format("BM_{}", i),
                   factor * std::exp(drift_ + noise_.process * normal_(generator_) + std::log1p(outlier))));
    }
    return rows;
  }

  Noise noise_;
  std::mt19937_64 generator_;
  std::normal_distribution<double> normal_;
  std::uniform_real_distribution<double> uniform_;
  double drift_ = 0;
};

/// Writes a side as files of Google Benchmark.
inline void write_side(const Side& side, const std::string& folder) {
  std::filesystem::create_directories(folder);
  for (const SideFile& file : side.files) {
    std::string rows;
    for (const Row& row : file.results.rows)
      rows += fmt::format("{}{{\"name\": \"{}\", \"real_time\": {}, \"time_unit\": \"s\"}}",
                          rows.empty() ? "" : ", ", row.benchmark, *row.real_seconds);
    write_file_atomically(std::filesystem::path(folder) / file.name,
                          fmt::format("{{\"context\": {{\"num_cpus\": 2}}, \"benchmarks\": [{}]}}", rows));
  }
}

}  // namespace trainbench::report
