#include "report/gate/self_test.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "report/compare/comparison_format.hpp"
#include "report/text/markdown.hpp"
#include "src/base/interrupt.hpp"

namespace trainbench::report {
namespace {

std::vector<SelfTestCase> planned_cases() {
  return {{.fault = "", .metrics = {}},
          {.fault = "slow:10", .metrics = {"step_time_ms", "images_per_second", "real_time"}},
          {.fault = "leak:8", .metrics = {"peak_rss_mib", "step_rss_mib"}},
          {.fault = "accuracy:90", .metrics = {"test_accuracy"}}};
}

std::string name_of(const SelfTestCase& one) {
  if (one.fault.empty()) return "identical";
  return one.fault.substr(0, one.fault.find(':'));
}

/// The gated finding that is asked for, or, of identical programs, that must not be.
const ComparedRow* find_finding(const Comparison& comparison, const SelfTestCase& one) {
  const auto found =
      std::find_if(comparison.rows.begin(), comparison.rows.end(), [&](const ComparedRow& row) {
        if (one.fault.empty()) return row.gated && row.verdict && *row.verdict <= Verdict::improved;
        return row.gated && row.verdict == Verdict::regressed &&
               std::find(one.metrics.begin(), one.metrics.end(), row.metric) != one.metrics.end();
      });
  return found == comparison.rows.end() ? nullptr : &*found;
}

void judge_case(const Comparison& comparison, SelfTestCase& one) {
  const ComparedRow* finding = find_finding(comparison, one);
  one.passed = (finding != nullptr) != one.fault.empty();
  one.found = finding == nullptr
                  ? "no finding"
                  : fmt::format("{} {} {} {} {}", verdict_text(*finding), finding->benchmark,
                                metric_title(*finding), change_text(*finding), finding->reason);
}

std::string_view answer_of(const SelfTest& result) {
  if (result.exit_code == ExitCode::ok) return "PASSED: it finds what is there, and nothing else.";
  if (interruption()) return "INTERRUPTED: not all of it was tested.";
  return "FAILED: do not trust this gate here.";
}

}  // namespace

SelfTest run_self_test(const BenchmarkProgram& program, const GateOptions& gate,
                       const CompareOptions& options) {
  SelfTest result;
  for (SelfTestCase& one : planned_cases()) {
    GateOptions of_case = gate;
    of_case.folder = gate.folder / name_of(one);
    of_case.baseline = program;
    of_case.contender = program;
    if (!one.fault.empty()) of_case.contender.flags.push_back(fmt::format("--inject={}", one.fault));
    try {
      judge_case(run_gate(of_case, options).comparison, one);
    } catch (const InputError&) {
      if (!interruption()) throw;  // else the cases before this one are still worth showing
    }
    if (const auto code = interruption()) {
      result.exit_code = more_severe(result.exit_code, *code);
      break;
    }
    if (!one.passed) {
      result.exit_code =
          more_severe(result.exit_code, one.fault.empty() ? ExitCode::regressed : ExitCode::inconclusive);
    }
    result.cases.push_back(one);
  }
  return result;
}

std::string self_test_markdown(const SelfTest& result) {
  MarkdownTable table({{"Contender", Align::left},
                       {"Asked for", Align::left},
                       {"Found", Align::left},
                       {"Passed", Align::left}});
  for (const SelfTestCase& one : result.cases) {
    table.add_row(
        {one.fault.empty() ? "identical" : "--inject=" + one.fault,
         one.fault.empty() ? "no finding" : fmt::format("REGRESSED in {}", fmt::join(one.metrics, " or ")),
         one.found, one.passed ? "yes" : "NO"});
  }
  return fmt::format("# Self-test of the gate\n\n**{}**\n\n{}", answer_of(result),
                     table.empty() ? "" : table.str());
}

}  // namespace trainbench::report
