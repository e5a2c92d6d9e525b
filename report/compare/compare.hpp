#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "report/compare/policy.hpp"
#include "report/compare/side.hpp"
#include "report/compare/subjects.hpp"
#include "report/compare/verdict.hpp"
#include "report/results/renames.hpp"
#include "src/base/errors.hpp"

namespace trainbench::report {

enum class Pairing { automatic, paired, unpaired };

struct CompareOptions {
  Pairing pairing = Pairing::automatic;  // automatic: paired where both sides are files that gate wrote
  Policy policy;
  Renames renames;
  std::string today = "0000-00-00";  // accepted entries hold until their day
  int looks = 1;  // at which a decision may be taken: each at the policy's alpha divided by them
  bool before_first_look = false;  // no test decides yet: what would need one is UNDERPOWERED
  bool allow_different_machine = false;
  bool allow_missing = false;
  bool fail_on_inconclusive = false;
  bool require_power = false;
};

/// One metric of one benchmark, or, with an empty metric, a benchmark that cannot be compared at all.
struct ComparedRow {
  std::string benchmark;
  std::string metric;
  MetricRule rule;
  bool gated = false;              // its verdict counts for the exit code
  std::optional<Verdict> verdict;  // nothing for a metric of which neither direction is better
  bool strong = false;             // the whole interval lies beyond the zone
  Samples samples;
  std::optional<Evidence> evidence;           // nothing for counts, and where nothing could be weighed
  double adjusted_p = 1;                      // of the gated rows together, or of the others
  std::optional<double> smallest_detectable;  // as Evidence::shift
  std::string reason;                         // why it is INVALID, MISSING, NEW or undecided; may be empty
  std::optional<Accepted> accepted;           // the policy's entry, whether it still holds or not
  bool let_pass = false;                      // the entry holds: REGRESSED, and not gated
};

/// What was measured of a benchmark, by fact; both empty where the files do not say.
struct MeasurementFacts {
  Facts baseline;
  Facts contender;
};

/// What of a finding one operator or kernel makes, by the profiles of both sides. Milliseconds a step.
struct Contribution {
  std::string phase;  // empty for none
  std::string operator_name;
  std::string kernel;  // or implementation; empty where it is not known
  double change_ms = 0;
};

/// A change of the time per step, taken apart: the parts and the rest sum to it.
struct Explanation {
  std::string benchmark;
  double change_ms = 0;  // of the timed steps' medians; the profiled steps may have changed otherwise
  double profiled_change_ms = 0;
  std::vector<Contribution> parts;  // largest change in either direction first, without what noise explains
  std::size_t num_smaller = 0;      // parts behind those, and what they sum to
  double smaller_ms = 0;
  double rest_ms = 0;  // explained by no part
  std::size_t baseline_processes = 0;
  std::size_t contender_processes = 0;
};

struct Comparison {
  std::vector<ComparedRow> rows;          // by benchmark, then in the metrics' order
  std::vector<Explanation> explanations;  // of findings with profiles beside their results
  std::vector<std::string> warnings;      // sentences
  std::vector<std::string> problems;      // sentences: files that could not be read
  std::vector<std::string> notes;         // sentences: what a reader should know of the two sides
  bool paired = false;
  bool informational = false;  // different machines: nothing is gated
  double alpha = 0.05;         // at this look
  std::size_t family = 0;      // tests of gated rows, adjusted together
  std::string policy_source;   // empty for the defaults
  Facts baseline_machine;
  Facts contender_machine;
  std::map<std::string, MeasurementFacts> measurements;  // by benchmark, of those on both sides
  std::string settled;  // a sentence, where no comparison was needed: the programs are identical
  ExitCode exit_code = ExitCode::ok;
};

/// Compares by statistics alone: the same sides and options give the same Comparison.
///
/// Throws InputError (`not_comparable`) for different machines unless `allow_different_machine`, naming the
/// facts that differ, (`usage`) where pairs are asked for and the files' names do not match, and
/// (`unreadable`) where the renames give one name to two benchmarks of a file.
Comparison compare(const Side& baseline, const Side& contender, const CompareOptions& options);

/// The rows of a family whose verdict is `verdict`, gated or not.
std::size_t count_rows(const Comparison& comparison, Verdict verdict, bool gated);

/// The answer in one line: "REGRESSED: 2 of 14 gated rows." It starts with the verdict that the exit code
/// stands for, or with "PASSED".
std::string headline(const Comparison& comparison);

}  // namespace trainbench::report
