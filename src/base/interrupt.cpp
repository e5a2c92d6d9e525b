#include "src/base/interrupt.hpp"

#include <csignal>

namespace trainbench {
namespace {

volatile std::sig_atomic_t caught_signal = 0;

extern "C" void remember_signal(int number) {
  caught_signal = number;
}

}  // namespace

void watch_for_interrupts() {
  struct sigaction action {};
  action.sa_handler = remember_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // a second one ends what does not heed the first
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaction(number, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

std::optional<ExitCode> interruption() noexcept {
  if (caught_signal == SIGINT) return ExitCode::interrupted;
  if (caught_signal == SIGTERM || caught_signal == SIGHUP) return ExitCode::terminated;
  return std::nullopt;
}

}  // namespace trainbench
