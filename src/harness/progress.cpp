#include "src/harness/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace trainbench {
namespace {

std::size_t terminal_width() {
  winsize size{};
  constexpr std::size_t kUsual = 80;
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsual;
  return size.ws_col;
}

double metric_or_zero(const CaseResult& result, const std::string& name) {
  const auto found = result.metrics.find(name);
  return found == result.metrics.end() ? 0 : found->second;
}

std::string outcome(const CaseResult& result) {
  if (result.status != CaseStatus::ok) return fmt::format("{}: {}", to_string(result.status), result.reason);
  const double step_ms = metric_or_zero(result, "step_time_ms");
  std::string text =
      fmt::format(fmt::runtime(step_ms < 0.1 ? "{:.3g} ms per step" : "{:.2f} ms per step"), step_ms);
  const double speed = metric_or_zero(result, "images_per_second");
  return speed > 0 ? text + fmt::format(", {:.1f} images/s", speed) : text;
}

/// fmt::print throws where stderr is full or closed, and a run must not die of that.
void say(const std::string& text) {
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace

Progress::Progress(int planned, double estimated_seconds)
    : live_(::isatty(STDERR_FILENO) == 1),
      planned_(planned),
      estimated_seconds_(estimated_seconds),
      started_(std::chrono::steady_clock::now()) {}

void Progress::begin_case(const std::string& benchmark, int repetition, double estimated_seconds) {
  ++begun_;
  case_name_ = fmt::format("[{}/{}] {} #{}", begun_, planned_, benchmark, repetition + 1);
  case_estimate_seconds_ = estimated_seconds;
  case_share_ = 0;
  last_shown_ = {};
  show(fmt::format("{}  starting", case_name_));
}

void Progress::update(const WorkerProgress& progress) {
  // Steps of this process (--isolate=off) can be shorter than a write to a terminal.
  const auto now = std::chrono::steady_clock::now();
  if (!live_ || now - last_shown_ < std::chrono::milliseconds(200)) return;
  last_shown_ = now;
  case_share_ = std::max(case_share_, share_of_case(progress));
  const std::string speed =
      progress.images_per_second > 0 ? fmt::format("  {:.0f} images/s", progress.images_per_second) : "";
  show(fmt::format("{}  {} {}/{}{}  {} left", case_name_, progress.phase, progress.step, progress.steps,
                   speed, rough_duration(remaining_seconds())));
}

void Progress::end_case(const CaseResult& result) {
  estimated_before_seconds_ += case_estimate_seconds_;
  if (live_ && result.status == CaseStatus::ok) return;  // the table's row says it
  clear();
  say(fmt::format("{}  {}\n", case_name_, outcome(result)));
}

void Progress::tell(const std::string& text) {
  clear();
  say(fmt::format("{}  {}\n", case_name_, text));
}

void Progress::clear() {
  if (live_) say("\r\x1b[K");
}

double Progress::remaining_seconds() const {
  const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  return remaining_of(estimated_seconds_, estimated_before_seconds_ + case_share_ * case_estimate_seconds_,
                      elapsed);
}

void Progress::show(const std::string& text) {
  if (!live_) return;
  say("\r\x1b[K" + text.substr(0, terminal_width() - 1));
}

double share_of_case(const WorkerProgress& progress) {
  if (progress.phase != "train" || progress.steps <= 0) return 0;
  return std::clamp(static_cast<double>(progress.step) / static_cast<double>(progress.steps), 0.0, 1.0);
}

double remaining_of(double estimated_seconds, double done_seconds, double elapsed_seconds) {
  // Early on the share that is done says little about the speed.
  constexpr double kEnoughToJudge = 0.02;
  const bool judged = done_seconds > kEnoughToJudge * estimated_seconds;
  const double correction = judged ? std::clamp(elapsed_seconds / done_seconds, 0.1, 10.0) : 1;
  return std::max(0.0, estimated_seconds - done_seconds) * correction;
}

std::string rough_duration(double seconds) {
  constexpr double kMinute = 60;
  constexpr double kHour = 3600;
  if (seconds < 100) return fmt::format("{:.0f} s", seconds);
  if (seconds < kHour) return fmt::format("{:.0f} min", seconds / kMinute);
  const double hours = std::floor(seconds / kHour);
  return fmt::format("{:.0f} h {:.0f} min", hours, (seconds - hours * kHour) / kMinute);
}

}  // namespace trainbench
