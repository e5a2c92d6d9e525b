#include "report/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "report/profile/profile_commands.hpp"
#include "report/program/output.hpp"
#include "report/program/program.hpp"
#include "report/results/read_results.hpp"
#include "report/run/report.hpp"
#include "src/base/errors.hpp"
#include "src/base/files.hpp"

namespace trainbench::report {
namespace {

struct ReportArguments {
  std::vector<std::string> runs;
  std::string output;
  std::string rows = "200";
};

void declare(CLI::App& app, ReportArguments& arguments) {
  app.footer(commands_help());
  app.set_version_flag("--version", "bench-report " TRAINBENCH_VERSION);
  app.add_option(
      "RUN", arguments.runs,
      "Run folder of bench, its journal.ndjson, or a JSON file of Google Benchmark, NVBench, hyperfine "
      "or pytest-benchmark");
  app.add_option("-o,--output", arguments.output,
                 "Write the markdown to FILE and its charts beside it (default: markdown to standard output)")
      ->type_name("FILE");
  app.add_option("--rows", arguments.rows, "Most rows of one table (default: 200), or 'all'")
      ->type_name("N|all");
}

std::optional<std::size_t> rows_from(const std::string& text) {
  if (text == "all") return std::nullopt;
  std::size_t rows = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rows);
  if (error != std::errc() || end != text.data() + text.size() || rows == 0) {
    throw InputError(
        fmt::format("--rows={} is neither a number of rows from 1 nor 'all'. {}", text, kTryHelp));
  }
  return rows;
}

/// The folder that a RUN is, or lies in.
std::filesystem::path folder_of(const std::filesystem::path& run) {
  std::error_code ignored;  // it was read: it is there
  return std::filesystem::is_directory(run, ignored) ? run : run.parent_path();
}

/// The files of a RUN: what was read, and what stands beside it in a run's folder.
std::vector<std::filesystem::path> files_of_run(const std::filesystem::path& run) {
  const std::filesystem::path folder = folder_of(run);
  std::vector<std::filesystem::path> files = {folder / "journal.ndjson", folder / "benchmark.json"};
  if (folder != run) files.push_back(run);
  return files;
}

/// A report that replaces the results it was made from once destroyed the only copy of them.
void refuse_to_overwrite(const std::vector<std::string>& runs, const std::filesystem::path& written,
                         std::string_view what) {
  for (const std::string& run : runs) {
    for (const std::filesystem::path& file : files_of_run(run)) {
      if (!is_same_file(written, file)) continue;
      throw InputError(
          fmt::format("{} '{}' would overwrite results of '{}': give another name, for example -o report.md.",
                      what, written.string(), run));
    }
  }
}

struct ChartFile {
  std::filesystem::path file;
  std::string svg;
};

std::vector<ChartFile> charts_for(const std::vector<ResultSet>& runs, const std::vector<Series>& series,
                                  const std::filesystem::path& output) {
  const auto file_of = [&](const std::string& suffix) {
    return output.parent_path() / chart_name(output.stem().string(), suffix);
  };
  std::vector<ChartFile> charts;
  if (const auto chart = chart_of(series, runs.size()))
    charts.push_back({file_of(chart->suffix), render_svg(chart->chart)});
  for (const SweepChart& sweep : sweep_charts_of(series, runs.size()))
    charts.push_back({file_of(sweep.suffix), render_svg(sweep.chart)});
  return charts;
}

void write_report(const std::vector<ResultSet>& runs, const std::vector<Series>& series,
                  ReportOptions options, const ReportArguments& arguments) {
  const std::filesystem::path output = arguments.output;
  refuse_to_overwrite(arguments.runs, output, "The report");
  options.chart_stem = output.stem().string();
  const std::vector<ChartFile> charts = charts_for(runs, series, output);
  for (const ChartFile& chart : charts) refuse_to_overwrite(arguments.runs, chart.file, "The report's chart");
  refuse_special_file(output);
  for (const ChartFile& chart : charts) write_file_atomically(chart.file, chart.svg);
  write_file_atomically(output, render_report(runs, series, options));
}

void report(const ReportArguments& arguments) {
  const ReportOptions options{.max_rows = rows_from(arguments.rows), .chart_stem = ""};
  if (arguments.runs.empty()) {
    throw InputError(
        fmt::format("No RUN was given: name a run folder of bench or a JSON file of Google "
                    "Benchmark. {}",
                    kTryHelp));
  }
  std::vector<ResultSet> runs;
  runs.reserve(arguments.runs.size());
  for (const std::string& run : arguments.runs) {
    runs.push_back(read_results(run));
    ResultSet& results = runs.back();
    // Of any other result, what lies beside it is not its own.
    if (results.kind == SourceKind::journal)
      results.profiles = digests_of_run(folder_of(run), results.faults);
  }
  const std::vector<Series> series = group_series(runs);
  if (arguments.output.empty()) {
    print(render_report(runs, series, options));
  } else {
    write_report(runs, series, options, arguments);
  }
}

}  // namespace

int run_bench_report(int argc, const char* const* argv) {
  if (const Command* command = find_command(argc, argv)) return command->run(argc - 1, argv + 1);
  CLI::App app("Turns results of bench, or of any Google Benchmark program, into markdown.", "bench-report");
  ReportArguments arguments;
  declare(app, arguments);
  const ProfileCommands profiles(app);
  return run_program(app, argc, argv, [&] {
    if (!profiles.run(print)) report(arguments);
    return ExitCode::ok;
  });
}

}  // namespace trainbench::report
