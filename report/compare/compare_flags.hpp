#pragma once

#include <functional>
#include <initializer_list>
#include <string>

#include "report/compare/compare.hpp"

namespace CLI {
class App;
}

namespace trainbench::report {

/// The policy that is read where no other is named, and that `accept` writes.
inline constexpr const char* kPolicyFile = "ci/policy.json";

/// The flags that compare, gate and calibrate share.
struct CompareFlags {
  std::string policy;  // empty: kPolicyFile where it is there, else the defaults
  std::string renames;
  std::string format = "md";
  std::string output;  // empty: standard output
  bool allow_different_machine = false;
  bool allow_missing = false;
  bool fail_on_inconclusive = false;
  bool require_power = false;
};

void declare_compare_flags(CLI::App& app, CompareFlags& flags);

/// Reads the policy and the renames. Throws InputError.
CompareOptions options_from(const CompareFlags& flags);

/// Writes the answer where the flags say. Throws EnvironmentError (`cannot_write`).
void write_answer(const std::string& answer, const CompareFlags& flags);

/// Calls `write`, and where that cannot write, once more for standard output before it throws on: what took
/// hours to measure is not lost.
void write_measured(const CompareFlags& flags, const std::function<void(const CompareFlags&)>& write);

/// Writes the comparison in the format asked for, tells GitHub Actions, and returns its exit code.
ExitCode write_comparison(const Comparison& comparison, const CompareFlags& flags);

/// Throws InputError (`usage`) where the answer would replace a result that it was made from.
void refuse_to_overwrite_sides(std::initializer_list<const Side*> sides, const CompareFlags& flags);

}  // namespace trainbench::report
