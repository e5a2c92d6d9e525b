#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "report/charts/line_chart.hpp"
#include "report/run/ratio.hpp"
#include "report/run/series.hpp"

namespace trainbench::report {

/// How the throughput of one batch size stands to the best of its sweep.
enum class Standing {
  best,        // the largest median; of equal ones the smallest batch
  equivalent,  // the interval of the ratio lies within the zone
  slower,      // it lies below the zone
  undecided,   // it crosses an edge of the zone: the noise does not tell
  no_result,   // failed, skipped or without a throughput
};

struct SweepPoint {
  std::int64_t batch = 0;
  const Series* series = nullptr;
  Standing standing = Standing::no_result;
  std::optional<stats::RatioEstimate> of_best;  // throughput over the best's, kZoneConfidence

  /// Too few repetitions for an interval: the point estimate decided.
  bool by_medians() const { return of_best && !of_best->interval; }
};

/// One family over at least three batch sizes, all other arguments the same.
struct Sweep {
  std::string label;  // "Exp4_GPU_AMP_Sweep", with the run and the other arguments where needed
  std::size_t run = 0;
  std::string_view family;
  Measure throughput;              // images_per_second, or Google Benchmark's items_per_second
  std::optional<Measure> memory;   // the first of the device's, else the process's, that any batch has
  std::vector<SweepPoint> points;  // by ascending batch
  std::optional<std::size_t> best;
  // The smallest batch that is equivalent to the best, or the best; nothing where fewer than two have a
  // result.
  std::optional<std::size_t> sweet_spot;
};

/// All sweeps over `batch` with a throughput; `series` is group_series of `num_runs` result sets.
std::vector<Sweep> find_sweeps(std::span<const Series> series, std::size_t num_runs);

/// Sentences: which batch is the sweet spot and why, and how far the noise lets one say so.
std::string sweet_spot_sentences(const Sweep& sweep);

/// Throughput and memory over the batch size.
LineChart chart_of(const Sweep& sweep);

}  // namespace trainbench::report
