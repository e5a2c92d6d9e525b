#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "report/compare/compare.hpp"
#include "report/gate/benchmark_program.hpp"

namespace trainbench::report {

/// Both sides of a comparison, measured in pairs: each pair is one process of each program, back to back, in
/// random order. Slow drift of the machine then moves both.
struct GateOptions {
  BenchmarkProgram baseline;
  BenchmarkProgram contender;
  std::filesystem::path folder;  // gets baseline/pair-NN and contender/pair-NN
  std::size_t seed = 42;         // of the order; pair i trains with seed + i where the program is bench
  double process_timeout_seconds = 1800;
  std::optional<double> max_seconds;                // no pair is begun that would end later
  std::vector<std::size_t> looks = {10, 15, 20};    // pairs after which a decision may be taken
  std::function<void(const std::string&)> on_pair;  // gets a line after each pair
};

/// What was measured, and what it means.
struct GateResult {
  Comparison comparison;
  Side baseline;  // all pairs, also those behind the look that counts
  Side contender;
};

/// Measures pairs and compares at each look, at the policy's alpha divided by their number, until every gated
/// row is decided (REGRESSED, IMPROVED, EQUIVALENT, or nothing that more pairs could change). Where the time
/// is up, the last look that was complete counts, and before the first look every tested row is UNDERPOWERED.
/// The same holds for an interruption (watch_for_interrupts), which gives up the running pair and is the
/// exit code. A benchmark that a process left out because it did not end well is INVALID; where all are, no
/// further pair is measured.
///
/// Throws InputError (`unreadable`) where neither program has left a single result of the first pair, and
/// (`interrupted`, `terminated`) where an interruption came before the first pair was complete.
GateResult run_gate(const GateOptions& gate, const CompareOptions& options);

}  // namespace trainbench::report
