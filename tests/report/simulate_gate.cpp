// Simulates processes with the noise of a real machine and counts what the gate makes of them: how often it
// calls identical code a regression, and how often it finds a real one. Exit code 10 where a bar is missed.
// Run by ci/simulate_gate.
#include <fmt/format.h>

#include <sys/wait.h>

#include <cstdlib>
#include <string>

#include "report/compare/compare.hpp"
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

/// The share of the rounds that may, or must, be called REGRESSED.
struct Bar {
  double least = 0;
  double most = 1;
};

constexpr Bar kFewFalseFindings{.most = 0.012};

bool meets(const Bar& bar, std::string_view what, int found, int rounds) {
  const double share = static_cast<double>(found) / rounds;
  const bool met = share >= bar.least && share <= bar.most;
  fmt::print("{}: REGRESSED {} of {} ({:.2f} %), bar {} {:.1f} %: {}\n", what, found, rounds, 100 * share,
             bar.least > 0 ? ">=" : "<=", 100 * (bar.least > 0 ? bar.least : bar.most),
             met ? "met" : "MISSED");
  return met;
}

bool check_gate(std::string_view what, double slowdown, int rounds, const Bar& bar) {
  SimulatedMachine machine({}, 20261124);
  int found = 0;
  std::size_t pairs = 0;
  for (int round = 0; round < rounds; ++round) {
    const Decision decision = gate(machine.pairs(20, 1, slowdown));
    found += decision.regressed ? 1 : 0;
    pairs += decision.pairs;
  }
  return meets(
      bar,
      fmt::format("gate, looks 10/15/20, {}, mean pairs {:.1f}", what, static_cast<double>(pairs) / rounds),
      found, rounds);
}

struct Comparisons {
  std::string_view what;
  std::size_t num_pairs = 10;
  std::size_t metrics = 1;
  double slowdown = 1;
  int rounds = 1000;
  Noise noise;
};

bool check_compare(const Comparisons& asked, const Bar& bar) {
  SimulatedMachine machine(asked.noise, 7);
  int found = 0;
  for (int round = 0; round < asked.rounds; ++round) {
    const SimulatedPairs pairs = machine.pairs(asked.num_pairs, asked.metrics, asked.slowdown);
    const Comparison comparison = compare(pairs.baseline, pairs.contender, {.pairing = Pairing::paired});
    found += count_rows(comparison, Verdict::regressed, true) > 0 ? 1 : 0;
  }
  return meets(
      bar,
      fmt::format("compare, {} pairs, any of {} metrics, {}", asked.num_pairs, asked.metrics, asked.what),
      found, asked.rounds);
}

/// Any of three metrics: identical code, and what must be found of one that is 5 % and 10 % slower.
bool check_compare_of(std::size_t num_pairs, double least_of_five, double least_of_ten) {
  const auto check = [&](std::string_view what, double slowdown, int rounds, const Bar& bar) {
    return check_compare({.what = what,
                          .num_pairs = num_pairs,
                          .metrics = 3,
                          .slowdown = slowdown,
                          .rounds = rounds,
                          .noise = {}},
                         bar);
  };
  bool met = check("identical code", 1, 2000, kFewFalseFindings);
  met = check("+5 %", 1.05, 1000, {.least = least_of_five}) && met;
  return check("+10 %", 1.10, 1000, {.least = least_of_ten}) && met;
}

/// Through the real program: files on disk, exit codes.
bool check_program(const std::string& program, const std::string& folder, double slowdown, const Bar& bar) {
  constexpr int kRounds = 200;
  SimulatedMachine machine({}, 99);
  int found = 0;
  for (int round = 0; round < kRounds; ++round) {
    const SimulatedPairs pairs = machine.pairs(20, 1, slowdown);
    write_side(pairs.baseline, folder + "/baseline");
    write_side(pairs.contender, folder + "/contender");
    const std::string command =
        fmt::format("'{}' compare '{}/baseline' '{}/contender' >/dev/null", program, folder, folder);
    const int status = std::system(command.c_str());
    found += WIFEXITED(status) && WEXITSTATUS(status) == 10 ? 1 : 0;
  }
  return meets(bar, fmt::format("bench-report compare, 20 pairs, {:+.0f} %", 100 * (slowdown - 1)), found,
               kRounds);
}

}  // namespace
}  // namespace trainbench::report

int main(int argc, char** argv) {
  using namespace trainbench::report;
  bool met = check_gate("identical code", 1, 2000, kFewFalseFindings);
  met = check_gate("+5 %", 1.05, 1000, {.least = 0.90}) && met;
  met = check_gate("+10 %", 1.10, 1000, {.least = 0.99}) && met;
  met = check_compare_of(10, 0.90, 0.99) && met;
  met = check_compare_of(20, 0.97, 0.99) && met;
  met = check_compare({.what = "+30 %, 3 % noise a process",
                       .slowdown = 1.3,
                       .noise = {.process = 0.03, .drift = 0, .outlier_share = 0, .outlier = 0}},
                      {.least = 0.99}) &&
        met;
  if (argc == 3) {
    met = check_program(argv[1], argv[2], 1.0, {.most = 0.02}) && met;
    met = check_program(argv[1], argv[2], 1.05, {.least = 0.90}) && met;
    met = check_program(argv[1], argv[2], 1.10, {.least = 0.99}) && met;
  }
  return met ? 0 : 10;
}
