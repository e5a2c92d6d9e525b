#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <map>

#include "report/compare/render_comparison.hpp"
#include "report/history/commands.hpp"
#include "report/history/series/history_chart.hpp"
#include "report/history/series/history_show.hpp"
#include "report/history/series/history_text.hpp"
#include "report/history/view_flags.hpp"
#include "report/program/output.hpp"
#include "report/program/program.hpp"
#include "report/results/benchmark_name.hpp"
#include "src/base/errors.hpp"
#include "src/base/files.hpp"
#include "src/base/nearest.hpp"

namespace trainbench::report::history {
namespace {

namespace fs = std::filesystem;

struct ShowArguments {
  ViewFlags view;
  std::string benchmark;
  std::string metric;
  std::string machine;
  std::string format;  // empty: by the ending of -o, else md
};

void declare(CLI::App& app, ShowArguments& arguments) {
  app.add_option("BENCHMARK", arguments.benchmark,
                 "The benchmark's name as compare prints it, or a shell pattern")
      ->required();
  app.add_option("METRIC", arguments.metric,
                 "The metric, or a shell pattern (default: step_time_ms, else real_time, else the first)");
  declare_view_flags(app, arguments.view,
                     "Write the answer to FILE and its charts beside it (default: to standard output)");
  declare_policy_flag(app, arguments.view);
  app.add_option("--machine", arguments.machine, "Only the machine whose fingerprint begins so")
      ->type_name("FINGERPRINT");
  app.add_option("--format", arguments.format, "md, text, json or svg, the chart alone (default: md)")
      ->check(CLI::IsMember({"md", "text", "json", "svg"}))
      ->type_name("FORMAT");
}

/// Of each benchmark, the series of its default metric.
std::vector<SeriesKey> of_default_metrics(const std::vector<SeriesKey>& keys) {
  std::map<std::string, std::string> metrics;  // by benchmark
  for (const SeriesKey& key : keys) metrics.emplace(key.benchmark, key.metric);
  for (const char* metric : {"real_time", "step_time_ms"}) {
    for (const SeriesKey& key : keys) {
      if (key.metric == metric) metrics[key.benchmark] = metric;
    }
  }
  std::vector<SeriesKey> chosen;
  for (const SeriesKey& key : keys) {
    if (metrics[key.benchmark] == key.metric) chosen.push_back(key);
  }
  return chosen;
}

std::vector<ShownSeries> shown_series(const Store& store, const ShowArguments& arguments) {
  std::vector<SeriesKey> keys = keys_of(store, {.benchmark = canonical_name(arguments.benchmark),
                                                .metric = arguments.metric,
                                                .branch = arguments.view.branch,
                                                .machine_fingerprint = arguments.machine});
  if (keys.empty()) {
    throw InputError(
        fmt::format("The history '{}' holds no series yet: 'bench-report history add RUN' adds a run.",
                    arguments.view.history));
  }
  if (arguments.metric.empty()) keys = of_default_metrics(keys);
  const std::map<std::string, std::string> machines = names_of_machines(store, store.runs());
  std::vector<ShownSeries> all;
  for_each_series(
      store, keys, policy_of(arguments.view), [](const MetricRule&) { return true; },
      [&](const AnalysedSeries& series) {
        const auto name = machines.find(series.history.key.machine_fingerprint);
        all.push_back(
            {.series = series, .machine = name == machines.end() ? "unknown machine" : name->second});
      });
  return all;
}

std::string format_of(const ShowArguments& arguments) {
  if (!arguments.format.empty()) return arguments.format;
  const std::string extension = fs::path(arguments.view.output).extension().string();
  if (extension == ".svg" || extension == ".json") return extension.substr(1);
  return extension == ".txt" ? "text" : "md";
}

void name_charts(std::vector<ShownSeries>& all, const fs::path& output) {
  const std::string stem = output.stem().string();
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i].chart = all.size() == 1 ? stem + ".svg" : fmt::format("{}-{}.svg", stem, i + 1);
}

void write_charts(const std::vector<ShownSeries>& all, const fs::path& output) {
  for (const ShownSeries& shown : all) {
    const fs::path chart = output.parent_path() / shown.chart;
    refuse_special_file(chart);
    write_file_atomically(chart, history_svg(shown.series, shown.machine));
  }
}

std::string rendered_series(const std::vector<ShownSeries>& all, const std::vector<std::string>& problems,
                            const std::string& format) {
  if (format == "json") return shown_json(all, problems);
  if (format == "text") return shown_text(all, problems);
  return shown_markdown(all, problems, kMarkdownBudget);
}

void print_chart(const std::vector<ShownSeries>& all) {
  if (all.size() > 1) {
    throw InputError(
        fmt::format("--format=svg prints one chart, and {} series fit. -o FILE.svg writes all of them as "
                    "FILE-1.svg and so on; "
                    "METRIC, --branch and --machine choose one. {}",
                    all.size(), kTryHelp));
  }
  print(history_svg(all.front().series, all.front().machine));
}

ExitCode show(const ShowArguments& arguments) {
  refuse_to_overwrite_history(arguments.view.output, arguments.view.history);
  const Store store(arguments.view.history);
  std::vector<ShownSeries> all = shown_series(store, arguments);
  const std::string format = format_of(arguments);
  const fs::path output = arguments.view.output;
  if (format == "svg" && output.empty()) {
    print_chart(all);
    return ExitCode::ok;
  }
  if (!output.empty()) {
    name_charts(all, output);
    if (format != "svg" && output.extension() == ".svg")
      throw InputError(fmt::format("'{}' is where the chart goes: give -o another ending.", output.string()));
    write_charts(all, output);
  }
  if (format != "svg") write_view(rendered_series(all, store.problems(), format), arguments.view);
  return ExitCode::ok;
}

}  // namespace

int run_history_show(int argc, const char* const* argv) {
  CLI::App app("Shows the series of a benchmark and metric, commit by commit, and draws them.",
               "bench-report history show");
  ShowArguments arguments;
  declare(app, arguments);
  return run_program(app, argc, argv, [&] { return show(arguments); });
}

}  // namespace trainbench::report::history
