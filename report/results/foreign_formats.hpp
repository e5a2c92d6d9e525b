#pragma once

#include <string_view>

#include "report/results/result_set.hpp"

namespace trainbench::report {

/// Which program wrote a JSON result, by the members that only its files have. What no other format claims
/// is taken for Google Benchmark's, whose reader says what is wrong with it. Looks no further than the first
/// element of `benchmarks`.
SourceKind format_of(std::string_view text);

// Each throws InputError (`unreadable`) with `source`, what is wrong and the way out where the text is cut,
// is no JSON or holds another type than its program writes. A row whose time is missing or not finite has
// failed. Times that are negative are kept: judging them is the comparison's.

/// NVBench's `--json FILE`, file versions 0.x and 1.x. A row for each state, named "NAME/AXIS:VALUE/...": the
/// mean GPU time (of benchmarks without a GPU, the mean CPU time) is its real time, the mean time on the CPU
/// its CPU time. Rates, the clock and the user's own summaries are counters. The GPUs are the machine.
ResultSet parse_nvbench(std::string_view text, std::string_view source);

/// hyperfine's `--export-json FILE`, of versions 1 and 2. A row for each run of a command, and each run is a
/// process of its own. The exit code is a fact of the measurement: where runs may fail (`--ignore-failure`),
/// those that failed are not compared with those that did not.
ResultSet parse_hyperfine(std::string_view text, std::string_view source);

/// pytest-benchmark's `--benchmark-json=FILE` and what `--benchmark-save` stores. A row for each test, named
/// in full, with the median of its rounds: they share a process and count once. Numbers of `extra_info` are
/// counters; processor and cores are the machine; interpreter, timer and garbage collection are facts of the
/// measurement.
ResultSet parse_pytest_benchmark(std::string_view text, std::string_view source);

}  // namespace trainbench::report
