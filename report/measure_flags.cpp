#include "report/measure_flags.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "report/program.hpp"

namespace trainbench::report {
namespace {

namespace fs = std::filesystem;

fs::path fresh_folder(const std::string& out) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const fs::path folder =
      out.empty()
          ? fs::path("results") /
                fmt::format("gate-{}", std::chrono::duration_cast<std::chrono::milliseconds>(now).count())
          : fs::path(out);
  std::error_code ignored;  // what cannot be looked at is named by the attempt to write it
  if (fs::exists(folder / "baseline", ignored) || fs::exists(folder / "contender", ignored)) {
    throw InputError(
        fmt::format("'{}' holds results of another run: give --out another folder.", folder.string()));
  }
  return fs::absolute(folder);
}

void say(const std::string& line) {
  std::fputs(fmt::format("bench-report: {}\n", line).c_str(), stderr);
}

}  // namespace

void declare_measure_flags(CLI::App& app, MeasureFlags& flags) {
  app.add_option("--max_minutes", flags.max_minutes, "Begin no pair that would end later (default: no limit)")
      ->type_name("NUMBER")
      ->check(CLI::PositiveNumber);
  app.add_option("--process_timeout", flags.process_timeout_seconds,
                 "Seconds after which a process is ended (default: 1800)")
      ->type_name("NUMBER")
      ->check(CLI::PositiveNumber);
  app.add_option("--seed", flags.seed,
                 "Of the order in each pair; pair i of bench trains with N + i (default: 42)")
      ->type_name("N");
  app.add_option("--out", flags.out, "Folder for the results (default: results/gate-<time>)")
      ->type_name("DIR");
  app.allow_extras();
  app.footer("Every other --flag goes to the programs, for example --benchmark_filter=REGEX.");
}

std::vector<std::string> program_flags(const CLI::App& app) {
  std::vector<std::string> flags = app.remaining();
  for (const std::string& flag : flags) {
    if (!flag.starts_with("--")) {
      throw InputError(fmt::format("'{}' is no flag: programs are named by --base=PROGRAM and the like. {}",
                                   flag, kTryHelp));
    }
    for (const char* own : {"--benchmark_out=", "--benchmark_out_format=", "--benchmark_list_tests"}) {
      if (flag.starts_with(own)) throw InputError(fmt::format("{} is gate's own to give.", flag));
    }
  }
  return flags;
}

GateOptions gate_options_from(const MeasureFlags& flags) {
  GateOptions gate;
  gate.folder = fresh_folder(flags.out);
  gate.seed = flags.seed;
  gate.process_timeout_seconds = flags.process_timeout_seconds;
  if (flags.max_minutes) gate.max_seconds = *flags.max_minutes * 60;
  gate.on_pair = say;
  return gate;
}

void say_where(const GateOptions& gate) {
  say(fmt::format("the results are in '{}'", gate.folder.string()));
}

}  // namespace trainbench::report
