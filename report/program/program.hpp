#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <string_view>

#include "src/base/errors.hpp"

namespace trainbench::report {

inline constexpr std::string_view kTryHelp = "Try 'bench-report --help'.";

/// Parses the command line of `app`, which has its options, and runs `command`: its exit code, or that of
/// what it threw, as one sentence on standard error.
int run_program(CLI::App& app, int argc, const char* const* argv, const std::function<ExitCode()>& command);

/// A command of its own: "bench-report NAME ...". `run` gets the arguments from NAME on.
struct Command {
  std::string_view name;
  std::string_view does;  // one line for the help text
  int (*run)(int argc, const char* const* argv);
};

/// The command that the arguments start with; nullptr where it is none.
const Command* find_command(int argc, const char* const* argv);

/// The commands, for the end of the help text.
std::string commands_help();

}  // namespace trainbench::report
