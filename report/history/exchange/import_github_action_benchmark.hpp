#pragma once

#include <string_view>

#include "report/history/exchange/imported.hpp"

namespace trainbench::report::history {

/// Whether the text is a data.js of github-action-benchmark, by its first words.
bool looks_like_github_action_data(std::string_view text);

/// Takes the data.js of github-action-benchmark, or the JSON inside it alone: each entry of each suite is a
/// run, one process, of its commit, started at its `date`. It says nothing of the machine.
///
/// A benchmark is called "SUITE/NAME", and NAME in the suite "Benchmark", the action's default. A unit of
/// time, whatever it is per, makes the value real_time in seconds; another unit makes it a metric named after
/// the unit, of which a note tells. What `history export` wrote into `extra` names benchmark and metric
/// instead. Of Google Benchmark (tool "googlecpp"), names lose what says how often they ran, `extra` gives
/// the CPU time, and rows of aggregates are left out where the repetitions stand beside them.
///
/// An entry or file that cannot be read, and a cut file, is a problem; the entries before are kept.
void import_github_action_benchmark(std::string_view text, std::string_view source,
                                    const ImportTarget& target, Imported& imported);

}  // namespace trainbench::report::history
