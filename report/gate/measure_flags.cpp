#include "report/gate/measure_flags.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "report/program/output.hpp"
#include "report/program/program.hpp"
#include "src/base/files.hpp"

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

/// Empty, or what is wrong.
std::string fault_of_positive(const std::string& text) {
  double number = 0;
  const bool is_number = CLI::detail::lexical_cast(text, number) && std::isfinite(number);
  return is_number && number > 0 ? "" : fmt::format("'{}' is not a number above 0", text);
}

}  // namespace

void declare_measure_flags(CLI::App& app, MeasureFlags& flags) {
  app.add_option("--max_minutes", flags.max_minutes, "Begin no pair that would end later (default: no limit)")
      ->type_name("NUMBER")
      ->check(fault_of_positive);
  app.add_option("--process_timeout", flags.process_timeout_seconds,
                 "Seconds after which a process is ended (default: 1800)")
      ->type_name("NUMBER")
      ->check(fault_of_positive);
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

GateOptions gate_options_from(const MeasureFlags& flags, std::initializer_list<std::string> outputs) {
  GateOptions gate;
  gate.folder = fresh_folder(flags.out);
  create_folders(gate.folder);  // an output may lie in it
  for (const std::string& output : outputs) refuse_unwritable(output);
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
