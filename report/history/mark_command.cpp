#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "report/history/commands.hpp"
#include "report/history/store/mark_file.hpp"
#include "report/history/store/store.hpp"
#include "report/program/output.hpp"
#include "report/program/program.hpp"
#include "report/results/benchmark_name.hpp"
#include "report/text/calendar.hpp"
#include "report/text/format.hpp"

namespace trainbench::report::history {
namespace {

struct HistoryMarkArguments {
  std::string folder = kHistoryFolder;
  Mark mark;
};

void declare(CLI::App& app, HistoryMarkArguments& arguments) {
  Mark& mark = arguments.mark;
  app.add_option(
         "COMMIT", mark.commit,
         fmt::format("The first commit after the change, at least {} digits of its hash, or a run's id",
                     kFewestMarkDigits))
      ->required();
  app.add_option("--benchmark", mark.benchmark, "The benchmark's name, or a shell pattern")
      ->required()
      ->type_name("PATTERN");
  app.add_option("--metric", mark.metric, "The metric, for example step_time_ms, or a shell pattern")
      ->required()
      ->type_name("PATTERN");
  app.add_option(
         "--kind", mark.kind,
         "expected (it was meant: values are judged anew from there), acknowledged (it is known) or fixed")
      ->required()
      ->check(CLI::IsMember({"expected", "acknowledged", "fixed"}))
      ->type_name("KIND");
  app.add_option("--reason", mark.reason, "Why; every report shows it")->required()->type_name("TEXT");
  declare_history_folder(app, arguments.folder);
}

/// What the mark speaks of may come later, for instance with the commit that it is made in: no error.
void say_what_is_not_there(const Store& store, const HistoryMarkArguments& arguments) {
  const Mark& mark = arguments.mark;
  const std::vector<RunSummary> runs = store.runs();
  if (std::none_of(runs.begin(), runs.end(),
                   [&](const RunSummary& run) { return says_run(mark.commit, run.id, run.commit); })) {
    std::fputs(fmt::format("bench-report: No run of '{}' is of '{}' yet.\n", arguments.folder,
                           on_one_line(mark.commit))
                   .c_str(),
               stderr);
  }
  if (store.keys({.benchmark = mark.benchmark, .metric = mark.metric}).empty()) {
    std::fputs(fmt::format("bench-report: No series of '{}' is called '{}' and '{}' yet.\n", arguments.folder,
                           on_one_line(mark.benchmark), on_one_line(mark.metric))
                   .c_str(),
               stderr);
  }
}

ExitCode write_mark(HistoryMarkArguments& arguments) {
  Mark& mark = arguments.mark;
  mark.benchmark = canonical_name(mark.benchmark);
  mark.day = day_from_now(0);
  if (mark.benchmark.empty() || mark.metric.empty() || mark.reason.empty())
    throw InputError(fmt::format("--benchmark, --metric and --reason must not be empty. {}", kTryHelp));
  Store store(arguments.folder);
  const std::vector<RunSummary> runs = store.runs();
  const bool is_run =
      std::any_of(runs.begin(), runs.end(), [&](const RunSummary& run) { return run.id == mark.commit; });
  const bool is_hash = mark.commit.size() >= kFewestMarkDigits &&
                       mark.commit.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!is_run && !is_hash) {
    throw InputError(fmt::format("'{}' is neither a run of '{}' nor {} or more digits of a commit's hash. {}",
                                 mark.commit, arguments.folder, kFewestMarkDigits, kTryHelp));
  }
  store.add(mark);
  print(on_one_line(
            fmt::format("marked {} as {}: {} of {}", mark.commit, mark.kind, mark.metric, mark.benchmark)) +
        "\n");
  say_what_is_not_there(store, arguments);
  return ExitCode::ok;
}

}  // namespace

int run_history_mark(int argc, const char* const* argv) {
  CLI::App app("Says of a change that it was meant, is known or is over.", "bench-report history mark");
  HistoryMarkArguments arguments;
  declare(app, arguments);
  return run_program(app, argc, argv, [&] { return write_mark(arguments); });
}

}  // namespace trainbench::report::history
