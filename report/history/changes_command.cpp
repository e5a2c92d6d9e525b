#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "report/compare/render_comparison.hpp"
#include "report/history/commands.hpp"
#include "report/history/series/history_changes.hpp"
#include "report/history/view_flags.hpp"
#include "report/program/program.hpp"
#include "report/results/benchmark_name.hpp"

namespace trainbench::report::history {
namespace {

struct ChangesArguments {
  ViewFlags view;
  std::string benchmark;
  std::string metric;
  std::string since;
  std::string format = "md";
  bool all = false;
  bool fail_on_regression = false;
};

void declare(CLI::App& app, ChangesArguments& arguments) {
  declare_view_flags(app, arguments.view, "Write the answer to FILE (default: standard output)");
  declare_policy_flag(app, arguments.view);
  app.add_option("--benchmark", arguments.benchmark, "Only this benchmark, or those of a shell pattern")
      ->type_name("NAME");
  app.add_option("--metric", arguments.metric, "Only this metric, or those of a shell pattern")
      ->type_name("NAME");
  app.add_option("--since", arguments.since, "Only changes that this commit or a later one showed first")
      ->type_name("COMMIT");
  app.add_option("--format", arguments.format, "md, json or text (default: md)")
      ->check(CLI::IsMember({"md", "json", "text"}))
      ->type_name("FORMAT");
  app.add_flag("--all", arguments.all,
               "Look at every metric (default: the policy's gated ones, or those of --metric)");
  app.add_flag("--fail_on_regression", arguments.fail_on_regression,
               "Return 10 where a gated metric is worse now and nobody has marked it");
}

std::size_t count_runs(std::span<const RunSummary> runs, const std::string& branch) {
  return static_cast<std::size_t>(std::count_if(runs.begin(), runs.end(), [&](const RunSummary& run) {
    return branch.empty() || run.branch == branch;
  }));
}

/// A metric that is asked for by name is looked at, gated or not.
bool looks_at_gated_only(const ChangesArguments& arguments) {
  return !arguments.all && arguments.metric.empty();
}

ChangeList changes_in(const Store& store, const ChangesArguments& arguments) {
  const Policy policy = policy_of(arguments.view);
  const std::vector<SeriesKey> keys = keys_of(store, {.benchmark = canonical_name(arguments.benchmark),
                                                      .metric = arguments.metric,
                                                      .branch = arguments.view.branch});
  ChangeList list;
  const bool gated_only = looks_at_gated_only(arguments);
  for_each_series(
      store, keys, policy, [&](const MetricRule& rule) { return rule.gated || !gated_only; },
      [&](const AnalysedSeries& series) { add_changes(series, list); });
  const std::vector<RunSummary> runs = store.runs();
  list.num_runs = count_runs(runs, arguments.view.branch);
  list.problems = store.problems();
  sort_newest_first(list, runs);
  if (!arguments.since.empty()) leave_since(list, arguments.since, runs);
  return list;
}

std::string rendered_changes(const ChangeList& list, const ChangesArguments& arguments) {
  if (arguments.format == "json") return changes_json(list);
  const bool gated_only = looks_at_gated_only(arguments);
  if (arguments.format == "text") return changes_text(list, gated_only);
  return changes_markdown(list, {.title = "Changes", .gated_only = gated_only}, kMarkdownBudget);
}

ExitCode find_changes(const ChangesArguments& arguments) {
  refuse_to_overwrite_history(arguments.view.output, arguments.view.history);
  const Store store(arguments.view.history);
  const ChangeList list = changes_in(store, arguments);
  write_view(rendered_changes(list, arguments), arguments.view);
  return arguments.fail_on_regression && list.regressed ? ExitCode::regressed : ExitCode::ok;
}

}  // namespace

int run_history_changes(int argc, const char* const* argv) {
  CLI::App app("Says which commit made which metric of which benchmark worse or better.",
               "bench-report history changes");
  ChangesArguments arguments;
  declare(app, arguments);
  return run_program(app, argc, argv, [&] { return find_changes(arguments); });
}

}  // namespace trainbench::report::history
