#include "report/program/program.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <new>
#include <string>

#include "report/program/commands.hpp"

namespace trainbench::report {
namespace {

constexpr std::array kCommands = {
    Command{"compare", "two sets of results: a verdict for each benchmark and metric", run_compare},
    Command{"gate", "two programs, run in pairs until decided: a verdict and an exit code", run_gate_command},
    Command{"calibrate", "a program against itself: its noise, and what can be seen through it",
            run_calibrate_command},
    Command{"accept", "let a known regression pass until a day", run_accept},
    Command{"history", "every run kept: series, changes, pages", run_history},
    Command{"changepoints", "where the mean of a column of numbers changes", run_changepoints},
};

std::string sentence_of(const std::exception& error, ExitCode code) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr)
    return "There is not enough memory for these results.";
  return code == ExitCode::internal ? fmt::format("Our own fault, please report it: {}", error.what())
                                    : error.what();
}

int fail(const std::exception& error) {
  const ExitCode code = exit_code_of(error);
  const std::string sentence = sentence_of(error, code);
  // Not fmt::print, which throws where standard error is full as well.
  std::fputs(fmt::format("bench-report: {}\n", sentence).c_str(), stderr);
  return static_cast<int>(code);
}

}  // namespace

int run_program(CLI::App& app, int argc, const char* const* argv, const std::function<ExitCode()>& command) {
  try {
    app.parse(argc, argv);
    return static_cast<int>(command());
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), stdout);
    return static_cast<int>(ExitCode::ok);
  } catch (const CLI::CallForVersion& version) {
    std::puts(version.what());
    return static_cast<int>(ExitCode::ok);
  } catch (const CLI::ParseError& error) {
    return fail(InputError(fmt::format("{}. {}", error.what(), kTryHelp)));
  } catch (const std::exception& error) {
    return fail(error);
  }
}

const Command* find_command(int argc, const char* const* argv) {
  if (argc < 2) return nullptr;
  const auto* found = std::find_if(kCommands.begin(), kCommands.end(),
                                   [&](const Command& command) { return command.name == argv[1]; });
  return found == kCommands.end() ? nullptr : found;
}

std::string commands_help() {
  std::string text = "Commands (each has its --help):\n";
  for (const Command& command : kCommands) text += fmt::format("  {:<12} {}\n", command.name, command.does);
  return text;
}

}  // namespace trainbench::report
