#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "report/compare/compare_flags.hpp"
#include "report/gate/calibration.hpp"
#include "report/gate/measure_flags.hpp"
#include "report/program/commands.hpp"
#include "report/program/output.hpp"
#include "report/program/program.hpp"
#include "src/base/files.hpp"
#include "src/base/interrupt.hpp"

namespace trainbench::report {
namespace {

constexpr std::size_t kFewestPairs = 10;

struct CalibrateArguments {
  std::string program;
  std::string twin;
  std::string write_policy;
  std::size_t pairs = 20;
  MeasureFlags measure;
  CompareFlags compare;
};

void declare(CLI::App& app, CalibrateArguments& arguments) {
  app.add_option("PROGRAM", arguments.program, "The program whose noise is learned")->required();
  app.add_option("--twin", arguments.twin,
                 "A rebuilt copy as the other side, so that build layout counts as noise")
      ->type_name("PROGRAM");
  app.add_option("--pairs", arguments.pairs, fmt::format("How many, from {} (default: 20)", kFewestPairs))
      ->type_name("N");
  app.add_option("--write_policy", arguments.write_policy, "Write the policy with the zones learned")
      ->type_name("FILE");
  declare_measure_flags(app, arguments.measure);
  declare_compare_flags(app, arguments.compare);
}

/// Writes the answer and, of all the pairs that were asked for, the policy: zones of fewer would be learned
/// from luck, and 11 says that there are none.
ExitCode write_learned(const CalibrateArguments& arguments, const Policy& policy, GateResult& result) {
  const std::size_t num_pairs = result.baseline.files.size();
  const bool is_complete = num_pairs == arguments.pairs;
  const bool is_asked_for = !arguments.write_policy.empty();
  if (is_asked_for && !is_complete) {
    result.comparison.warnings.push_back(
        fmt::format("'{}' was not written: {} of {} pairs are too few to learn zones from.",
                    arguments.write_policy, num_pairs, arguments.pairs));
  }
  const std::vector<CalibratedRow> rows =
      calibrate_rows(result.comparison, result.baseline, result.contender);
  write_measured(arguments.compare, [&](const CompareFlags& to) {
    write_answer(to.format == "json" ? calibration_json(result.comparison, rows)
                                     : calibration_markdown(result.comparison, rows),
                 to);
  });
  if (is_asked_for && is_complete) {
    refuse_special_file(arguments.write_policy);
    write_file_atomically(arguments.write_policy, policy_text(learned_policy(policy, rows)));
  }
  return is_asked_for && !is_complete ? ExitCode::inconclusive : ExitCode::ok;
}

ExitCode calibrate(const CLI::App& app, const CalibrateArguments& arguments) {
  if (arguments.pairs < kFewestPairs) {
    throw InputError(fmt::format("--pairs={} is too few to learn a noise from: give {} or more. {}",
                                 arguments.pairs, kFewestPairs, kTryHelp));
  }
  const std::string& format = arguments.compare.format;
  if (format != "md" && format != "json")
    throw InputError(fmt::format("calibrate has no --format={}: take md or json.", format));
  if (const std::string& output = arguments.compare.output;
      !output.empty() && !arguments.write_policy.empty() && is_same_file(output, arguments.write_policy)) {
    throw InputError(
        fmt::format("The answer and the policy cannot both be written to '{}': give -o another file. {}",
                    output, kTryHelp));
  }
  const std::vector<std::string> flags = program_flags(app);
  const CompareOptions options = options_from(arguments.compare);
  const BenchmarkProgram program = probe_program(arguments.program, flags);
  const BenchmarkProgram twin = arguments.twin.empty() ? program : probe_program(arguments.twin, flags);
  GateOptions gate = gate_options_from(arguments.measure, {arguments.compare.output, arguments.write_policy});
  gate.baseline = program;
  gate.contender = twin;
  gate.looks = {arguments.pairs};
  GateResult result = run_gate(gate, options);
  say_where(gate);
  const ExitCode of_policy = write_learned(arguments, options.policy, result);
  // A difference between a program and itself is noise here; a row that could not be measured is not.
  const ExitCode code = result.comparison.exit_code;
  return more_severe(of_policy,
                     code == ExitCode::regressed || code == ExitCode::inconclusive ? ExitCode::ok : code);
}

}  // namespace

int run_calibrate_command(int argc, const char* const* argv) {
  CLI::App app(
      "Runs a program against itself: noise within and between processes, the smallest change that can be "
      "seen, and the zones that follow.",
      "bench-report calibrate");
  CalibrateArguments arguments;
  declare(app, arguments);
  return run_program(app, argc, argv, [&] {
    watch_for_interrupts();
    return calibrate(app, arguments);
  });
}

}  // namespace trainbench::report
