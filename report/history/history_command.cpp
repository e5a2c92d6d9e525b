#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "report/history/commands.hpp"
#include "report/program/commands.hpp"
#include "report/program/program.hpp"
#include "src/base/nearest.hpp"

namespace trainbench::report {
namespace {

constexpr std::array kHistoryCommands = {
    Command{"add", "keep runs: each once, with its commit and branch", history::run_history_add},
    Command{"list", "the runs that are kept", history::run_history_list},
    Command{"show", "the series of a benchmark and metric, commit by commit", history::run_history_show},
    Command{"changes", "which commit made which metric better or worse", history::run_history_changes},
    Command{"mark", "say of a change that it was meant, is known or is over", history::run_history_mark},
    Command{"page", "a page of all series to look at in a browser", history::run_history_page},
    Command{"import", "take over the history of another tool", history::run_history_import},
    Command{"export", "write the history for another tool", history::run_history_export},
};
constexpr std::string_view kTryHistoryHelp = "Try 'bench-report history --help'.";

std::string history_commands_help() {
  std::string text = "Commands (each has its --help):\n";
  for (const Command& command : kHistoryCommands)
    text += fmt::format("  {:<8} {}\n", command.name, command.does);
  return text;
}

[[noreturn]] void refuse_history_command(const std::string& word) {
  if (word.empty() || word.starts_with('-'))
    throw InputError(fmt::format("history takes a command before its flags. {}", kTryHistoryHelp));
  std::vector<std::string> names;
  names.reserve(kHistoryCommands.size());
  for (const Command& command : kHistoryCommands) names.emplace_back(command.name);
  throw InputError(fmt::format("There is no command 'history {}': did you mean {}? {}", word,
                               quoted_choice(nearest(word, names, 1)), kTryHistoryHelp));
}

}  // namespace

int run_history(int argc, const char* const* argv) {
  const std::string word = argc > 1 ? argv[1] : "";
  const auto* const command = std::find_if(kHistoryCommands.begin(), kHistoryCommands.end(),
                                           [&](const Command& one) { return one.name == word; });
  if (command != kHistoryCommands.end()) return command->run(argc - 1, argv + 1);
  CLI::App app("Keeps every run, and shows what changed, when, and by which commit.", "bench-report history");
  app.footer(history_commands_help());
  app.allow_extras();
  return run_program(app, argc, argv, [&]() -> ExitCode { refuse_history_command(word); });
}

namespace history {

void declare_history_folder(CLI::App& app, std::string& folder) {
  app.add_option("--history", folder, fmt::format("The history's folder (default: {})", kHistoryFolder))
      ->type_name("DIR");
}

}  // namespace history
}  // namespace trainbench::report
