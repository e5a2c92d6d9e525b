#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "report/history/series/analysed_series.hpp"

namespace trainbench::report::history {

/// The run of commit `number`, in November 2026.
inline Point point_of_commit(std::size_t number, double value) {
  Point point{.run_id = fmt::format("run-{}", number),
              .started = fmt::format("2026-11-{:02}T12:00:00Z", number % 28 + 1)};
  point.commit.hash = fmt::format("{:07}{:033}", number, 0);
  point.commit.subject = fmt::format("Commit {}", number);
  point.commit.number = static_cast<std::int64_t>(number);
  point.value = point.low = point.high = value;
  point.num_values = 1;
  return point;
}

/// Of main, a gated step time, as one segment of all points from 1 below to 1 above the first value: what is
/// said of it is for the test to change.
inline AnalysedSeries series_of_values(const std::vector<double>& values) {
  AnalysedSeries series{.rule = {.better = Better::lower, .kind = Kind::time, .gated = true}};
  series.history.key = {.benchmark = "Exp1/batch:8",
                        .metric = "step_time_ms",
                        .machine_fingerprint = "0123456789abcdef",
                        .measurement_fingerprint = "fedcba9876543210",
                        .branch = "main"};
  for (std::size_t i = 0; i < values.size(); ++i)
    series.history.points.push_back(point_of_commit(i, values[i]));
  series.analysis.segments = {{.begin = 0,
                               .end = values.size(),
                               .median = values.front(),
                               .low = values.front() - 1,
                               .high = values.front() + 1}};
  return series;
}

/// 10, 10, 12, 12 with a change for the worse in the middle.
inline AnalysedSeries series_with_a_step() {
  AnalysedSeries series = series_of_values({10, 10, 12, 12});
  series.analysis.segments = {{.begin = 0, .end = 2, .median = 10, .low = 9, .high = 11},
                              {.begin = 2, .end = 4, .median = 12, .low = 11, .high = 13}};
  series.analysis.changes = {
      {.index = 2, .before = 10, .after = 12, .p = 0.001, .direction = Direction::worse}};
  return series;
}

/// The runs of a series, as the store has them.
inline std::vector<RunSummary> runs_of(const AnalysedSeries& series) {
  std::vector<RunSummary> runs;
  for (const Point& point : series.history.points) {
    runs.push_back({.id = point.run_id,
                    .started = point.started,
                    .branch = series.history.key.branch,
                    .commit = point.commit,
                    .machine_fingerprint = series.history.key.machine_fingerprint});
  }
  return runs;
}

}  // namespace trainbench::report::history
