// Simulates processes with the noise of a real machine and counts what the gate makes of them: how often it
// calls identical code a regression, and how often it finds a real one. Run by ci/simulate_gate.
#include <fmt/format.h>

#include <sys/wait.h>

#include <cstdlib>
#include <string>

#include "report/compare.hpp"
#include "src/base/files.hpp"
#include "tests/report/simulated_machine.hpp"

namespace trainbench::report {
namespace {

Side first(const Side& side, std::size_t pairs) {
  return {.files = {side.files.begin(), side.files.begin() + static_cast<std::ptrdiff_t>(pairs)},
          .problems = {}};
}

struct Decision {
  bool regressed = false;
  std::size_t pairs = 0;
};

/// The gate's looks at 10, 15 and 20 pairs, through the library.
Decision gate(const SimulatedPairs& pairs) {
  for (const std::size_t look : {10U, 15U, 20U}) {
    const Comparison comparison = compare(first(pairs.baseline, look), first(pairs.contender, look),
                                          {.pairing = Pairing::paired, .looks = 3});
    const Verdict verdict = *comparison.rows.front().verdict;
    if (verdict == Verdict::regressed) return {true, look};
    if (verdict == Verdict::improved || verdict == Verdict::equivalent) return {false, look};
  }
  return {false, 20};
}

void report_gate(std::string_view what, double slowdown, int rounds, const Noise& noise) {
  SimulatedMachine machine(noise, 20261124);
  int found = 0;
  std::size_t pairs = 0;
  for (int round = 0; round < rounds; ++round) {
    const Decision decision = gate(machine.pairs(20, 1, slowdown));
    found += decision.regressed ? 1 : 0;
    pairs += decision.pairs;
  }
  fmt::print("gate, looks 10/15/20, {}: REGRESSED {} of {} ({:.2f} %), mean pairs {:.1f}\n", what, found,
             rounds, 100.0 * found / rounds, static_cast<double>(pairs) / rounds);
}

void report_compare(std::string_view what, std::size_t num_pairs, std::size_t metrics, double slowdown,
                    int rounds, const Noise& noise) {
  SimulatedMachine machine(noise, 7);
  int found = 0;
  for (int round = 0; round < rounds; ++round) {
    const SimulatedPairs pairs = machine.pairs(num_pairs, metrics, slowdown);
    const Comparison comparison = compare(pairs.baseline, pairs.contender, {.pairing = Pairing::paired});
    found += count_rows(comparison, Verdict::regressed, true) > 0 ? 1 : 0;
  }
  fmt::print("compare, {} pairs, any of {} metrics, {}: REGRESSED {} of {} ({:.2f} %)\n", num_pairs, metrics,
             what, found, rounds, 100.0 * found / rounds);
}

/// Through the real program: files on disk, exit codes.
void report_program(const std::string& program, const std::string& folder, double slowdown, int rounds) {
  SimulatedMachine machine({}, 99);
  int found = 0;
  for (int round = 0; round < rounds; ++round) {
    const SimulatedPairs pairs = machine.pairs(20, 1, slowdown);
    write_side(pairs.baseline, folder + "/baseline");
    write_side(pairs.contender, folder + "/contender");
    const std::string command =
        fmt::format("'{}' compare '{}/baseline' '{}/contender' >/dev/null", program, folder, folder);
    const int status = std::system(command.c_str());
    found += WIFEXITED(status) && WEXITSTATUS(status) == 10 ? 1 : 0;
  }
  fmt::print("bench-report compare, 20 pairs, {:+.0f} %: exit code 10 in {} of {}\n", 100 * (slowdown - 1),
             found, rounds);
}

}  // namespace
}  // namespace trainbench::report

int main(int argc, char** argv) {
  using namespace trainbench::report;
  const Noise noisy_machine;
  report_gate("identical code", 1, 2000, noisy_machine);
  report_gate("+5 %", 1.05, 1000, noisy_machine);
  report_gate("+10 %", 1.10, 1000, noisy_machine);
  report_compare("identical code", 10, 3, 1, 2000, noisy_machine);
  report_compare("identical code", 20, 3, 1, 2000, noisy_machine);
  report_compare("+30 %, 3 % noise a process", 10, 1, 1.3, 1000,
                 {.process = 0.03, .drift = 0, .outlier_share = 0, .outlier = 0});
  if (argc == 3) {
    report_program(argv[1], argv[2], 1.0, 200);
    report_program(argv[1], argv[2], 1.10, 200);
  }
}
