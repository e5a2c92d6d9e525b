#pragma once

#include <string>
#include <vector>

#include "report/gate/gate.hpp"

namespace trainbench::report {

/// One gate of the self-test.
struct SelfTestCase {
  std::string fault;                 // of --inject; empty for identical programs
  std::vector<std::string> metrics;  // a finding in one of them is what is asked for
  bool passed = false;
  std::string found;  // a sentence
};

struct SelfTest {
  std::vector<SelfTestCase> cases;
  // 10: identical programs were told apart; 11: a fault was not found; 130, 143: interrupted
  ExitCode exit_code = ExitCode::ok;
};

/// Gates `program` against itself, and against itself slowed down, leaking and trained on wrong labels: a
/// gate that cannot fail is none. `gate` gives the folder and the limits of each.
SelfTest run_self_test(const BenchmarkProgram& program, const GateOptions& gate,
                       const CompareOptions& options);

std::string self_test_markdown(const SelfTest& result);

}  // namespace trainbench::report
