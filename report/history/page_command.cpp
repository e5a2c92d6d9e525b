#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "report/compare/render_comparison.hpp"
#include "report/history/commands.hpp"
#include "report/history/page/history_page.hpp"
#include "report/history/view_flags.hpp"
#include "report/program/program.hpp"
#include "src/base/errors.hpp"

namespace trainbench::report::history {
namespace {

struct PageArguments {
  ViewFlags view;
  std::string title = "Benchmark history";
};

void declare(CLI::App& app, PageArguments& arguments) {
  declare_view_flags(
      app, arguments.view,
      "Write the page to FILE.html, or as markdown to FILE.md (default: HTML to standard output)");
  declare_policy_flag(app, arguments.view);
  app.add_option("--title", arguments.title, fmt::format("The page's title (default: {})", arguments.title))
      ->type_name("TEXT");
}

bool is_markdown(const std::string& output) {
  const std::string extension = std::filesystem::path(output).extension().string();
  if (extension == ".md" || extension == ".markdown") return true;
  if (output.empty() || extension == ".html" || extension == ".htm") return false;
  throw InputError(fmt::format("-o {}: a page ends in .html or .md. {}", output, kTryHelp));
}

ExitCode write_page(const PageArguments& arguments) {
  const bool as_markdown = is_markdown(arguments.view.output);
  const Store store(arguments.view.history);
  std::vector<RunSummary> runs = store.runs();
  if (!arguments.view.branch.empty())
    std::erase_if(runs, [&](const RunSummary& run) { return run.branch != arguments.view.branch; });
  const std::vector<SeriesKey> keys = keys_of(store, {.branch = arguments.view.branch});
  PageData data(runs, names_of_machines(store, runs));
  ChangeList changes;
  for_each_series(
      store, keys, policy_of(arguments.view), [](const MetricRule&) { return true; },
      [&](const AnalysedSeries& series) {
        data.add(series);
        add_changes(series, changes);
      });
  changes.num_runs = runs.size();
  changes.problems = store.problems();
  sort_newest_first(changes, runs);
  const PageTexts texts{.title = arguments.title};
  write_view(as_markdown ? history_page_markdown(texts, data, changes, kMarkdownBudget)
                         : history_page_html(texts, data, changes),
             arguments.view);
  return ExitCode::ok;
}

}  // namespace

int run_history_page(int argc, const char* const* argv) {
  CLI::App app(
      "Makes one page of all series: charts, changes, search, filters; it needs nothing but a browser.",
      "bench-report history page");
  PageArguments arguments;
  declare(app, arguments);
  return run_program(app, argc, argv, [&] { return write_page(arguments); });
}

}  // namespace trainbench::report::history
