#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/results/benchmark_name.hpp"
#include "report/results/result_set.hpp"

namespace trainbench::report {

/// All repetitions of one benchmark in one run. Points into the result sets that it was made from.
struct Series {
  std::size_t run = 0;  // index of its result set
  BenchmarkName name;
  std::string_view benchmark;
  std::vector<const Row*> rows;
};

/// What is measured of a row: a metric by name, or one of the two times.
enum class Quantity { metric, real_time, cpu_time };

struct Measure {
  Quantity quantity = Quantity::metric;
  std::string metric;  // of Quantity::metric

  friend bool operator==(const Measure&, const Measure&) = default;
};

inline const Measure kThroughput{Quantity::metric, "images_per_second"};
inline const Measure kGpuMemory{Quantity::metric, "gpu_peak_allocated_mib"};

/// Column heading, and a value with its unit.
std::string title_of(const Measure& measure);
std::string format_value(const Measure& measure, double value);

/// The values of the rows that are ok and have one.
std::vector<double> values_of(const Series& series, const Measure& measure);

struct Estimate {
  double median = 0;
  std::optional<double> mad;    // absolute; nothing for a single value
  std::optional<double> noise;  // relative MAD, a fraction; nothing for a single value or a median of 0
  std::size_t num_values = 0;
};

std::optional<Estimate> estimate_of(const Series& series, const Measure& measure);

/// What the noise of a row is said of: throughput, else time per step, else the real time.
Measure primary_measure(std::span<const Series> series);

/// What the series measures: "training", "loading" or "overhead", by its fact `kind`; results that do not say
/// it are taken as training.
std::string kind_of(const Series& series);

/// The series whose throughputs may be set side by side: those of training, or, where none is there, of the
/// first other kind. `left_out` gets the other kinds.
std::vector<const Series*> with_comparable_throughput(std::span<const Series> series,
                                                      std::set<std::string>& left_out);

/// The fact where all repetitions that are ok agree; "differs" where they do not, "unknown" where none says
/// it.
std::string fact_of(const Series& series, const std::string& name);

/// The first fault that was injected into the series, or nothing.
std::string injected_into(const Series& series);

/// "no CUDA device (driver: none)" of the first row that is not ok, with its status before it.
std::string first_reason(const Series& series);

/// How many rows have the status.
std::size_t count_status(const Series& series, CaseStatus status);

/// One series for each benchmark of each run, families together, numbers in names in their order: the order
/// of the rows in the files, which may be interleaved at random, has no influence.
std::vector<Series> group_series(std::span<const ResultSet> runs);

/// Consecutive series of one family.
std::vector<std::span<const Series>> group_families(std::span<const Series> series);

/// The benchmark, with the run's number before it where there are several runs.
std::string label_of(const Series& series, std::size_t num_runs);

}  // namespace trainbench::report
