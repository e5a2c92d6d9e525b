#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "report/gate/gate.hpp"

namespace CLI {
class App;
}

namespace trainbench::report {

/// The flags of the commands that run programs.
struct MeasureFlags {
  std::string out;
  std::size_t seed = 42;
  double process_timeout_seconds = 1800;
  std::optional<double> max_minutes;
};

/// Declares them, and that every other --flag goes to the programs.
void declare_measure_flags(CLI::App& app, MeasureFlags& flags);

/// What the programs get. Throws InputError for a word that is no flag and for flags that are ours to give.
std::vector<std::string> program_flags(const CLI::App& app);

/// The options of a run in a fresh folder, which is created, and whose progress goes to standard error.
/// Throws InputError where the folder asked for holds pairs of another run: those would count as measured
/// now; and EnvironmentError (`cannot_write`) where one of the `outputs`, which are written at the end,
/// cannot be.
GateOptions gate_options_from(const MeasureFlags& flags, std::initializer_list<std::string> outputs);

/// Says on standard error where the results are.
void say_where(const GateOptions& gate);

}  // namespace trainbench::report
