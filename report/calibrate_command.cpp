#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "report/calibration.hpp"
#include "report/commands.hpp"
#include "report/compare_flags.hpp"
#include "report/measure_flags.hpp"
#include "report/output.hpp"
#include "report/program.hpp"
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

ExitCode calibrate(const CLI::App& app, const CalibrateArguments& arguments) {
  if (arguments.pairs < kFewestPairs) {
    throw InputError(fmt::format("--pairs={} is too few to learn a noise from: give {} or more. {}",
                                 arguments.pairs, kFewestPairs, kTryHelp));
  }
  const std::string& format = arguments.compare.format;
  if (format != "md" && format != "json")
    throw InputError(fmt::format("calibrate has no --format={}: take md or json.", format));
  const std::vector<std::string> flags = program_flags(app);
  const CompareOptions options = options_from(arguments.compare);
  const BenchmarkProgram program = probe_program(arguments.program, flags);
  const BenchmarkProgram twin = arguments.twin.empty() ? program : probe_program(arguments.twin, flags);
  GateOptions gate = gate_options_from(arguments.measure);
  gate.baseline = program;
  gate.contender = twin;
  gate.looks = {arguments.pairs};
  const GateResult result = run_gate(gate, options);
  say_where(gate);
  const std::vector<CalibratedRow> rows =
      calibrate_rows(result.comparison, result.baseline, result.contender);
  write_answer(format == "json" ? calibration_json(rows) : calibration_markdown(result.comparison, rows),
               arguments.compare);
  // Zones of fewer pairs than were asked for would be learned from luck.
  if (!arguments.write_policy.empty() && !interruption()) {
    refuse_special_file(arguments.write_policy);
    write_file_atomically(arguments.write_policy, policy_text(learned_policy(options.policy, rows)));
  }
  // A difference between a program and itself is noise here; a row that could not be measured is not.
  const ExitCode code = result.comparison.exit_code;
  return code == ExitCode::regressed || code == ExitCode::inconclusive ? ExitCode::ok : code;
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
