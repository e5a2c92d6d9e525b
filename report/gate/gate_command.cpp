#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <system_error>

#include "report/compare/compare_flags.hpp"
#include "report/compare/explain.hpp"
#include "report/gate/measure_flags.hpp"
#include "report/gate/self_test.hpp"
#include "report/program/commands.hpp"
#include "report/program/program.hpp"
#include "src/base/interrupt.hpp"

namespace trainbench::report {
namespace {

struct GateArguments {
  std::string base;
  std::string contender;
  std::string self_test;
  bool always_time = false;
  bool allow_no_baseline = false;
  MeasureFlags measure;
  CompareFlags compare;
};

void declare(CLI::App& app, GateArguments& arguments) {
  app.add_option("--base", arguments.base, "The program to compare with")->type_name("PROGRAM");
  app.add_option("--contender", arguments.contender, "The program that is judged")->type_name("PROGRAM");
  app.add_option("--self_test", arguments.self_test,
                 "Gate PROGRAM against itself, and against itself with each fault of bench --inject: each "
                 "must be found")
      ->type_name("PROGRAM");
  app.add_flag("--always_time", arguments.always_time, "Time programs that are identical, too");
  app.add_flag("--allow_no_baseline", arguments.allow_no_baseline,
               "Pass where the baseline's program is not there");
  declare_measure_flags(app, arguments.measure);
  declare_compare_flags(app, arguments.compare);
}

bool is_there(const std::string& program) {
  std::error_code ignored;  // what cannot be looked at is not there
  return std::filesystem::exists(program, ignored);
}

ExitCode without_baseline(const GateArguments& arguments) {
  const std::string sentence = fmt::format("No baseline: there is no program '{}'.", arguments.base);
  if (!arguments.allow_no_baseline)
    throw InputError(sentence + " --allow_no_baseline lets it pass.", ExitCode::no_baseline);
  Comparison none;
  none.settled = sentence + " Nothing was compared.";
  return write_comparison(none, arguments.compare);
}

/// The first fault of the self-test stands for all: a program that takes it has bench's --inject.
void refuse_without_faults(const BenchmarkProgram& program) {
  std::vector<std::string> flags = program.flags;
  flags.emplace_back("--inject=slow:10");
  try {
    probe_program(program.path, flags);
  } catch (const InputError& error) {
    if (interruption()) throw;
    throw InputError(
        fmt::format("--self_test needs a program that takes --inject, as bench does. {}", error.what()),
        error.code());
  }
}

ExitCode self_test(const GateArguments& arguments, const std::vector<std::string>& flags,
                   const CompareOptions& options) {
  if (!arguments.base.empty() || !arguments.contender.empty()) {
    throw InputError(
        fmt::format("--self_test has one program and takes neither --base nor --contender. {}", kTryHelp));
  }
  if (const std::string& format = arguments.compare.format; format != "md")
    throw InputError(fmt::format("--self_test has no --format={}: it is a table in md.", format));
  const BenchmarkProgram program = probe_program(arguments.self_test, flags);
  refuse_without_faults(program);
  const GateOptions gate = gate_options_from(arguments.measure, {arguments.compare.output});
  const SelfTest result = run_self_test(program, gate, options);
  say_where(gate);
  write_measured(arguments.compare,
                 [&](const CompareFlags& to) { write_answer(self_test_markdown(result), to); });
  return result.exit_code;
}

ExitCode gate(const CLI::App& app, const GateArguments& arguments) {
  const std::vector<std::string> flags = program_flags(app);
  const CompareOptions options = options_from(arguments.compare);
  if (!arguments.self_test.empty()) return self_test(arguments, flags, options);
  if (arguments.base.empty() || arguments.contender.empty()) {
    throw InputError(
        fmt::format("gate takes two programs, --base=PROGRAM and --contender=PROGRAM. {}", kTryHelp));
  }
  if (!is_there(arguments.base)) return without_baseline(arguments);
  const BenchmarkProgram baseline = probe_program(arguments.base, flags);
  const BenchmarkProgram contender = probe_program(arguments.contender, flags);
  if (!arguments.always_time && are_identical(baseline.path, contender.path)) {
    Comparison identical;
    identical.settled = "the programs and their shared libraries are the same bytes, and nothing was timed.";
    return write_comparison(identical, arguments.compare);
  }
  GateOptions gate = gate_options_from(arguments.measure, {arguments.compare.output});
  gate.baseline = baseline;
  gate.contender = contender;
  GateResult result = run_gate(gate, options);
  say_where(gate);
  explain_findings(result.baseline, result.contender, options.renames, result.comparison);
  write_measured(arguments.compare, [&](const CompareFlags& to) { write_comparison(result.comparison, to); });
  return result.comparison.exit_code;
}

}  // namespace

int run_gate_command(int argc, const char* const* argv) {
  CLI::App app(
      "Runs two Google Benchmark programs in pairs, in random order, until every gated row is decided.",
      "bench-report gate");
  GateArguments arguments;
  declare(app, arguments);
  return run_program(app, argc, argv, [&] {
    watch_for_interrupts();
    return gate(app, arguments);
  });
}

}  // namespace trainbench::report
