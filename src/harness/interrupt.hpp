#pragma once

#include <optional>

#include "src/base/errors.hpp"

namespace trainbench {

/// From here on SIGINT and SIGTERM are remembered instead of ending the process.
void watch_for_interrupts();

/// `interrupted` (SIGINT) or `terminated` (SIGTERM) once such a signal has come.
std::optional<ExitCode> interruption() noexcept;

}  // namespace trainbench
