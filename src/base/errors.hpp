#pragma once

#include <stdexcept>
#include <string>

namespace trainbench {

/// What both programs return to the shell. 1 and 2 are left to shells and make; a value is never computed
/// from a count.
enum class ExitCode : int {
  ok = 0,
  regressed = 10,
  inconclusive = 11,
  missing = 12,
  invalid = 13,
  not_comparable = 20,
  unreadable = 21,
  no_baseline = 22,
  case_failed = 30,
  usage = 64,
  setup_impossible = 69,
  internal = 70,
  cannot_write = 74,
  interrupted = 130,
  terminated = 143,
};

/// The one that the process returns when both apply: the order is 143, 130, 70, 69, 64, 74, 21, 20, 30, 13,
/// 12, 22, 10, 11, 0.
ExitCode more_severe(ExitCode a, ExitCode b) noexcept;

/// The user can fix it: a wrong flag or value (`usage`), a wrong or unreadable file (`unreadable`).
class InputError : public std::runtime_error {
 public:
  explicit InputError(const std::string& sentence, ExitCode code = ExitCode::usage);
  ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

/// The machine refuses: no room or no permission to write (`cannot_write`), something that is not installed
/// (`setup_impossible`).
class EnvironmentError : public std::runtime_error {
 public:
  explicit EnvironmentError(const std::string& sentence, ExitCode code = ExitCode::setup_impossible);
  ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

// The third kind, our own fault, is std::logic_error.

/// The exit code of an exception that reached the rim of a program: `internal` for all but the two above.
ExitCode exit_code_of(const std::exception& error) noexcept;

}  // namespace trainbench
