#include "src/base/errors.hpp"

#include <algorithm>
#include <array>

namespace trainbench {

ExitCode more_severe(ExitCode a, ExitCode b) noexcept {
  constexpr std::array kMostSevereFirst = {
      ExitCode::terminated,  ExitCode::interrupted,  ExitCode::internal,   ExitCode::setup_impossible,
      ExitCode::usage,       ExitCode::cannot_write, ExitCode::unreadable, ExitCode::not_comparable,
      ExitCode::case_failed, ExitCode::invalid,      ExitCode::missing,    ExitCode::no_baseline,
      ExitCode::regressed,   ExitCode::inconclusive, ExitCode::ok};
  return *std::find_if(kMostSevereFirst.begin(), kMostSevereFirst.end(),
                       [&](ExitCode code) { return code == a || code == b; });
}

InputError::InputError(const std::string& sentence, ExitCode code)
    : std::runtime_error(sentence), code_(code) {}

EnvironmentError::EnvironmentError(const std::string& sentence, ExitCode code)
    : std::runtime_error(sentence), code_(code) {}

ExitCode exit_code_of(const std::exception& error) noexcept {
  if (const auto* input = dynamic_cast<const InputError*>(&error)) return input->code();
  if (const auto* environment = dynamic_cast<const EnvironmentError*>(&error)) return environment->code();
  return ExitCode::internal;
}

}  // namespace trainbench
