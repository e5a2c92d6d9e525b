#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "report/history/commands.hpp"
#include "report/history/exchange/export_formats.hpp"
#include "report/history/series/analysed_series.hpp"
#include "report/history/series/history_text.hpp"
#include "report/history/view_flags.hpp"
#include "report/program/program.hpp"
#include "report/results/benchmark_name.hpp"
#include "report/text/format.hpp"

namespace trainbench::report::history {
namespace {

struct ExportArguments {
  std::string format;
  std::string benchmark;
  std::string metric;
  ViewFlags view{.history = kHistoryFolder, .branch = "main"};
};

void declare(CLI::App& app, ExportArguments& arguments) {
  app.add_option("--format", arguments.format,
                 "bencher, github-action-benchmark (metrics of which less is better), "
                 "github-action-benchmark-bigger (the others), pytorch-hud, shields or csv")
      ->required()
      ->check(CLI::IsMember({"bencher", "github-action-benchmark", "github-action-benchmark-bigger",
                             "pytorch-hud", "shields", "csv"}))
      ->type_name("FORMAT");
  declare_history_folder(app, arguments.view.history);
  app.add_option("--branch", arguments.view.branch, "The branch that was measured (default: main)")
      ->type_name("NAME");
  app.add_option("--benchmark", arguments.benchmark, "Only benchmarks that fit this name or shell pattern")
      ->type_name("PATTERN");
  app.add_option(
         "--metric", arguments.metric,
         "Only metrics that fit this name or shell pattern; shields shows the newest value of the one "
         "series that fits, and without --metric how many series have regressed")
      ->type_name("PATTERN");
  declare_policy_flag(app, arguments.view);
  app.add_option("-o,--output", arguments.view.output, "Write to FILE (default: standard output)")
      ->type_name("FILE");
  app.footer("csv holds every run, the other formats the newest one that did not fail.");
}

bool fits_export(const std::string& pattern, const std::string& name) {
  return pattern.empty() || fits_pattern(pattern, name);
}

/// What of a history is written.
class HistoryExporter {
 public:
  explicit HistoryExporter(const ExportArguments& arguments)
      : arguments_(arguments),
        policy_(policy_of(arguments.view)),
        store_(arguments.view.history),
        keys_(keys_of(store_, {.benchmark = arguments.benchmark,
                               .metric = arguments.metric,
                               .branch = arguments.view.branch})) {
    if (keys_.empty()) throw without_run();
  }

  std::string text() const {
    if (arguments_.format == "csv") return csv();
    const RunRecord run = newest_run();
    if (arguments_.format == "bencher") return export_bencher(run);
    if (arguments_.format == "pytorch-hud") return export_pytorch_hud(run);
    if (arguments_.format != "shields") return github_action(run);
    return arguments_.metric.empty() ? state_badge(run) : value_badge(run);
  }

  const std::vector<std::string>& problems() const { return store_.problems(); }

 private:
  InputError without_run() const {
    return InputError(
        fmt::format("The history '{}' has no run of branch '{}' that did not fail: 'bench-report history add "
                    "RUN' adds one.",
                    arguments_.view.history, arguments_.view.branch),
        ExitCode::no_baseline);
  }

  /// With the series alone that are asked for, of which it has at least one.
  RunRecord newest_run() const {
    const std::vector<RunSummary> runs = store_.runs();
    for (auto summary = runs.rbegin(); summary != runs.rend(); ++summary) {
      const bool failed = summary->exit_code != 0 || summary->num_series == 0;
      if (summary->branch != arguments_.view.branch || failed) continue;
      RunRecord run = store_.run(summary->id);
      std::erase_if(run.series, [&](const RunSeries& series) {
        return !fits_export(arguments_.benchmark, series.benchmark) ||
               !fits_export(arguments_.metric, series.metric);
      });
      if (!run.series.empty()) return run;
    }
    throw without_run();
  }

  std::string csv() const {
    std::string text = csv_heading();
    for (const SeriesKey& key : keys_) text += csv_lines(store_.series(key));
    return text;
  }

  std::string github_action(const RunRecord& run) const {
    const Better better =
        arguments_.format == "github-action-benchmark-bigger" ? Better::higher : Better::lower;
    const auto goes_out = [&](const RunSeries& series) {
      return rule_of(policy_, series.benchmark, series.metric).better == better;
    };
    if (std::none_of(run.series.begin(), run.series.end(), goes_out)) {
      throw InputError(fmt::format(
          "Of no metric that is asked for {} is better: the newest run '{}' has nothing for --format={}. {}",
          better == Better::lower ? "less" : "more", run.id, arguments_.format, kTryHelp));
    }
    return export_github_action_benchmark(run, policy_, better);
  }

  AnalysedSeries analysed_key(const SeriesKey& key, std::span<const Mark> marks) const {
    return analysed(store_, key, rule_of(policy_, key.benchmark, key.metric), marks);
  }

  std::string value_badge(const RunRecord& run) const {
    if (run.series.size() != 1) {
      throw InputError(
          fmt::format("A badge shows one series, and {} of the newest run '{}' fit, for example {} {} and {} "
                      "{}. Name one "
                      "with --benchmark and --metric. {}",
                      run.series.size(), run.id, run.series[0].benchmark, run.series[0].metric,
                      run.series[1].benchmark, run.series[1].metric, kTryHelp));
    }
    const RunSeries& series = run.series.front();
    return shields_of_value(analysed_key({series.benchmark, series.metric, run.machine_fingerprint,
                                          series.measurement_fingerprint, run.branch},
                                         store_.marks()));
  }

  /// Of the newest run's machine: one that is gone cannot recover.
  std::string state_badge(const RunRecord& run) const {
    const std::vector<Mark> marks = store_.marks();
    std::size_t num_regressions = 0;
    for (const SeriesKey& key : keys_) {
      const MetricRule rule = rule_of(policy_, key.benchmark, key.metric);
      if (key.machine_fingerprint != run.machine_fingerprint || !rule.gated || !is_judged(rule)) continue;
      if (has_regressed(analysed_key(key, marks).analysis)) ++num_regressions;
    }
    return shields_of_state(num_regressions);
  }

  const ExportArguments& arguments_;
  Policy policy_;
  Store store_;
  std::vector<SeriesKey> keys_;
};

ExitCode export_history(const ExportArguments& arguments) {
  refuse_to_overwrite_history(arguments.view.output, arguments.view.history);
  const HistoryExporter exporter(arguments);
  write_view(exporter.text(), arguments.view);
  for (const std::string& problem : exporter.problems())
    std::fputs(fmt::format("bench-report: {}\n", on_one_line(problem)).c_str(), stderr);
  return exporter.problems().empty() ? ExitCode::ok : ExitCode::unreadable;
}

}  // namespace

int run_history_export(int argc, const char* const* argv) {
  CLI::App app("Writes the history for another tool.", "bench-report history export");
  ExportArguments arguments;
  declare(app, arguments);
  return run_program(app, argc, argv, [&] { return export_history(arguments); });
}

}  // namespace trainbench::report::history
