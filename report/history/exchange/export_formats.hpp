#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "report/compare/policy.hpp"
#include "report/history/series/analysed_series.hpp"
#include "report/history/store/run_record.hpp"
#include "report/history/store/store.hpp"

namespace trainbench::report::history {

// What `bench-report history export` writes for other tools. The text of each ends in a newline, and the same
// input gives the same bytes. Numbers are written with as many digits as tell them apart.

/// Bencher's metric format: {"BENCHMARK": {"METRIC": {"value": median, "lower_value": smallest,
/// "upper_value": largest}}}, the limits where there are several processes. Times are seconds.
std::string export_bencher(const RunRecord& run);

/// github-action-benchmark's custom JSON, for its tool customSmallerIsBetter or, with Better::higher,
/// customBiggerIsBetter: [{"name", "unit", "value", "range", "extra"}] of the metrics whose rule says so.
/// real_time is named after the benchmark alone, other metrics "BENCHMARK METRIC"; `extra` names both, so
/// that `history import` finds them again.
std::string export_github_action_benchmark(const RunRecord& run, const Policy& policy, Better better);

/// Records of PyTorch's OSS benchmark database, schema v3 (benchmark.oss_ci_benchmark_v3 of
/// pytorch/test-infra), one for each series: what its upload action and HUD read. `mode` and `dtype` are
/// there where the benchmark's name has an argument "mode", and "dtype" or "precision".
std::string export_pytorch_hud(const RunRecord& run);

/// A table with one line for each run of each series, and its heading. Texts are quoted where they need it
/// (RFC 4180), with quotes doubled.
std::string csv_heading();
std::string csv_lines(const SeriesHistory& series);

/// A badge by shields.io's endpoint schema: the newest value of one series, red where it has regressed.
std::string shields_of_value(const AnalysedSeries& series);

/// "no regressions" or "2 regressions".
std::string shields_of_state(std::size_t num_regressions);

/// `text` as JSON, in quotes.
std::string json_text(const std::string& text);

/// The middle of a series' processes, its extremes, and the unit that its values are in: "s", "MiB",
/// "images/s"; the metric's name where it has none.
struct ExportedValue {
  double median = 0;
  double low = 0;
  double high = 0;
};
ExportedValue exported_value(const RunSeries& series);
std::string exported_unit(const std::string& metric);

}  // namespace trainbench::report::history
