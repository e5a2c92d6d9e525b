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
  return fmt::format("{:.2f} ms per step, {:.1f} images/s", metric_or_zero(result, "step_time_ms"),
                     metric_or_zero(result, "images_per_second"));
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
  show(fmt::format("{}  starting", case_name_));
}

void Progress::update(const WorkerProgress& progress) {
  const std::string speed =
      progress.images_per_second > 0 ? fmt::format("  {:.0f} images/s", progress.images_per_second) : "";
  show(fmt::format("{}  {} {}/{}{}  {} left", case_name_, progress.phase, progress.step, progress.steps,
                   speed, rough_duration(remaining_seconds())));
}

void Progress::end_case(const CaseResult& result) {
  estimated_before_seconds_ += case_estimate_seconds_;
  if (live_ && result.status == CaseStatus::ok) return;  // the table's row says it
  clear();
  fmt::print(stderr, "{}  {}\n", case_name_, outcome(result));
}

void Progress::clear() {
  if (live_) fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
}

double Progress::remaining_seconds() const {
  const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  const double correction = estimated_before_seconds_ > 0 ? elapsed / estimated_before_seconds_ : 1;
  return std::max(0.0, estimated_seconds_ - estimated_before_seconds_) * std::clamp(correction, 0.1, 10.0);
}

void Progress::show(const std::string& text) {
  if (!live_) return;
  fmt::print(stderr, "\r\x1b[K{}", text.substr(0, terminal_width() - 1));
  std::fflush(stderr);
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
