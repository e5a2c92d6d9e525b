#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "report/compare/compare.hpp"

namespace trainbench::report {

/// A row of a foreign file.
inline Row time_row(const std::string& benchmark, double seconds) {
  Row row;
  row.benchmark = benchmark;
  row.real_seconds = seconds;
  return row;
}

/// A row as bench writes it.
inline Row metric_row(const std::string& benchmark, Metrics metrics) {
  Row row;
  row.benchmark = benchmark;
  row.metrics = std::move(metrics);
  return row;
}

/// One file of a foreign program on a machine of two cores.
inline SideFile file_of(const std::string& name, std::vector<Row> rows) {
  SideFile file;
  file.name = name;
  file.results.source = name;
  file.results.noted = {{"num_cpus", "2"}};
  file.results.rows = std::move(rows);
  return file;
}

/// One process a file, named as gate names them: the times of one or several benchmarks.
inline Side side_of(const std::map<std::string, std::vector<double>>& seconds) {
  Side side;
  for (std::size_t i = 0; i < seconds.begin()->second.size(); ++i) {
    std::vector<Row> rows;
    for (const auto& [benchmark, values] : seconds) rows.push_back(time_row(benchmark, values[i]));
    side.files.push_back(file_of(fmt::format("pair-{:02}.json", i + 1), std::move(rows)));
  }
  return side;
}

/// One journal of bench: a row for each value of the metric.
inline Side journal_of(const std::string& benchmark, const std::string& metric,
                       const std::vector<double>& values) {
  SideFile file;
  file.name = "journal.ndjson";
  file.results.source = file.name;
  file.results.kind = SourceKind::journal;
  file.results.machine = {{"cpu", "A"}, {"cores", "2"}};
  for (const double value : values) file.results.rows.push_back(metric_row(benchmark, {{metric, value}}));
  return {.files = {std::move(file)}, .problems = {}};
}

/// `n` times around `centre` with lognormal noise.
inline std::vector<double> noisy(std::size_t n, double centre, double noise, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal(0, noise);
  std::vector<double> values(n);
  for (double& value : values) value = centre * std::exp(normal(generator));
  return values;
}

/// `n` times around `centre`, evenly spread over +- `spread`: no verdict hangs on a seed.
inline std::vector<double> spread(std::size_t n, double centre, double spread) {
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i)
    values[i] = centre * (1 + spread * (2 * static_cast<double>(i) / static_cast<double>(n - 1) - 1));
  return values;
}

/// The row of a benchmark's metric; the test fails where there is none.
inline ComparedRow row_of(const Comparison& comparison, const std::string& benchmark,
                          const std::string& metric) {
  for (const ComparedRow& row : comparison.rows) {
    if (row.benchmark == benchmark && row.metric == metric) return row;
  }
  ADD_FAILURE() << "no row " << benchmark << " " << metric;
  return {};
}

}  // namespace trainbench::report
