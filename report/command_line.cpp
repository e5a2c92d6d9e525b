#include "report/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "report/read_results.hpp"
#include "report/report.hpp"
#include "src/base/errors.hpp"
#include "src/base/files.hpp"

namespace trainbench::report {
namespace {

constexpr std::string_view kTryHelp = "Try 'bench-report --help'.";

struct Arguments {
  std::vector<std::string> runs;
  std::string output;
  std::string rows = "200";
};

void declare(CLI::App& app, Arguments& arguments) {
  app.set_version_flag("--version", "bench-report " TRAINBENCH_VERSION);
  app.add_option("RUN", arguments.runs,
                 "Run folder of bench, its journal.ndjson, or any JSON file of Google Benchmark");
  app.add_option("-o,--output", arguments.output,
                 "Write the markdown to FILE and a chart beside it (default: markdown to standard output)")
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

void print(std::string_view text) {
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw EnvironmentError(
        fmt::format("Cannot write to standard output: {}.", std::generic_category().message(errno)),
        ExitCode::cannot_write);
  }
}

void write_report(const std::vector<ResultSet>& runs, const std::vector<Series>& series,
                  ReportOptions options, const std::filesystem::path& output) {
  std::error_code ignored;  // what cannot be looked at is named by the attempt to write it
  if (std::filesystem::exists(output, ignored) && !std::filesystem::is_regular_file(output, ignored)) {
    // A file is replaced by renaming, which as root would replace /dev/stdout itself.
    throw EnvironmentError(
        fmt::format("Cannot write '{}': it is not a regular file. Leave -o out to write to "
                    "standard output.",
                    output.string()),
        ExitCode::cannot_write);
  }
  if (const auto chart = chart_of(series, runs.size())) {
    options.chart_link = fmt::format("{}-{}.svg", output.stem().string(), chart->suffix);
    write_file_atomically(output.parent_path() / options.chart_link, render_svg(chart->chart));
  }
  write_file_atomically(output, render_report(runs, series, options));
}

void report(const Arguments& arguments) {
  const ReportOptions options{.max_rows = rows_from(arguments.rows), .chart_link = ""};
  if (arguments.runs.empty()) {
    throw InputError(
        fmt::format("No RUN was given: name a run folder of bench or a JSON file of Google "
                    "Benchmark. {}",
                    kTryHelp));
  }
  std::vector<ResultSet> runs;
  runs.reserve(arguments.runs.size());
  for (const std::string& run : arguments.runs) runs.push_back(read_results(run));
  const std::vector<Series> series = group_series(runs);
  if (arguments.output.empty()) {
    print(render_report(runs, series, options));
  } else {
    write_report(runs, series, options, arguments.output);
  }
}

int fail(const std::exception& error) {
  const ExitCode code = exit_code_of(error);
  const std::string sentence = code == ExitCode::internal
                                   ? fmt::format("Our own fault, please report it: {}", error.what())
                                   : error.what();
  // Not fmt::print, which throws where standard error is full as well.
  std::fputs(fmt::format("bench-report: {}\n", sentence).c_str(), stderr);
  return static_cast<int>(code);
}

}  // namespace

int run_bench_report(int argc, const char* const* argv) {
  CLI::App app("Turns results of bench, or of any Google Benchmark program, into markdown.", "bench-report");
  Arguments arguments;
  try {
    declare(app, arguments);
    app.parse(argc, argv);
    report(arguments);
    return static_cast<int>(ExitCode::ok);
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

}  // namespace trainbench::report
