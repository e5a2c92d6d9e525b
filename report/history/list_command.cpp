#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "report/history/commands.hpp"
#include "report/history/store/store.hpp"
#include "report/program/output.hpp"
#include "report/program/program.hpp"
#include "report/text/format.hpp"
#include "report/text/markdown.hpp"

namespace trainbench::report::history {
namespace {

constexpr std::size_t kListedHashDigits = 12;

struct HistoryListArguments {
  std::string folder = kHistoryFolder;
  std::string branch;
};

void declare(CLI::App& app, HistoryListArguments& arguments) {
  declare_history_folder(app, arguments.folder);
  app.add_option("--branch", arguments.branch, "The runs of this branch only (default: all)")
      ->type_name("NAME");
}

std::string or_no_value(const std::string& text) {
  return text.empty() ? std::string(kNoValue) : text;
}

std::string run_table(const std::vector<RunSummary>& runs) {
  MarkdownTable table({{"Branch", Align::left},
                       {"Number"},
                       {"Commit", Align::left},
                       {"Subject", Align::left},
                       {"Started", Align::left},
                       {"Machine", Align::left},
                       {"Series"},
                       {"Failures"},
                       {"Exit"},
                       {"Run", Align::left}});
  for (const RunSummary& run : runs) {
    table.add_row(
        {run.branch, run.commit.number ? fmt::format("{}", *run.commit.number) : std::string(kNoValue),
         or_no_value(run.commit.hash.substr(0, kListedHashDigits)), or_no_value(run.commit.subject),
         or_no_value(run.started), or_no_value(run.machine_fingerprint), fmt::format("{}", run.num_series),
         fmt::format("{}", run.num_failures), fmt::format("{}", run.exit_code), run.id});
  }
  return table.str();
}

/// What was good is shown; that something was not is the exit code.
ExitCode list_runs(const HistoryListArguments& arguments) {
  const Store store(arguments.folder);
  std::vector<RunSummary> runs = store.runs();
  std::erase_if(runs, [&](const RunSummary& run) {
    return !arguments.branch.empty() && run.branch != arguments.branch;
  });
  if (runs.empty()) {
    print(fmt::format("The history '{}' holds no run{}.\n", arguments.folder,
                      arguments.branch.empty() ? "" : fmt::format(" of the branch '{}'", arguments.branch)));
  } else {
    print(run_table(runs));
  }
  for (const std::string& problem : store.problems())
    std::fputs(fmt::format("bench-report: {}\n", on_one_line(problem)).c_str(), stderr);
  return store.problems().empty() ? ExitCode::ok : ExitCode::unreadable;
}

}  // namespace

int run_history_list(int argc, const char* const* argv) {
  CLI::App app("Lists the runs of the history in commit order.", "bench-report history list");
  HistoryListArguments arguments;
  declare(app, arguments);
  return run_program(app, argc, argv, [&] { return list_runs(arguments); });
}

}  // namespace trainbench::report::history
