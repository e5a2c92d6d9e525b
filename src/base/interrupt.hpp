#pragma once

#include <optional>

#include "src/base/errors.hpp"

namespace trainbench {

/// From here on the first SIGINT, SIGTERM or SIGHUP is remembered instead of ending the process, a second one
/// of the kind ends it. SIGPIPE is ignored: a reader that leaves (`| head`) must not cost the run.
void watch_for_interrupts();

/// `interrupted` (SIGINT) or `terminated` (SIGTERM, SIGHUP) once such a signal has come.
std::optional<ExitCode> interruption() noexcept;

}  // namespace trainbench
