#include "src/measure/window.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "src/measure/memory.hpp"
#include "src/stats/summary.hpp"

namespace trainbench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kEpochImages = 50000;

/// Median distance of a step from the median of its own third, as a share of the median step: the noise
/// without the drift. Of all steps together the drift would be part of it, and a ramp of any height would
/// pass.
double relative_noise_within_thirds(std::span<const double> steps) {
  const std::size_t third = steps.size() / 3;
  std::vector<double> distances;
  distances.reserve(steps.size());
  for (const auto part :
       {steps.first(third), steps.subspan(third, steps.size() - 2 * third), steps.last(third)}) {
    const double middle = *stats::median(part);
    for (const double seconds : part) distances.push_back(std::abs(seconds - middle));
  }
  return *stats::median(distances) / *stats::median(steps);
}

double seconds_between(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

/// A call of k steps took each of them its k-th part.
void append_steps(std::span<const double> call_seconds, std::span<const std::int64_t> call_steps,
                  std::vector<double>& step_seconds) {
  for (std::size_t call = 0; call < call_steps.size(); ++call) {
    const auto steps = static_cast<double>(call_steps[call]);
    step_seconds.insert(step_seconds.end(), static_cast<std::size_t>(call_steps[call]),
                        call_seconds[call] / steps);
  }
}

}  // namespace

void measure_steps(const SteppedWork& work, std::int64_t steps, Window& window) {
  std::vector<double> call_seconds;
  std::vector<std::int64_t> call_steps;
  call_seconds.reserve(static_cast<std::size_t>(steps));
  call_steps.reserve(static_cast<std::size_t>(steps));
  const double cpu_begin = process_cpu_seconds();
  const Clock::time_point begin = Clock::now();
  Clock::time_point previous = begin;
  if (work.mark) work.mark();
  for (std::int64_t done = 0; done < steps; done += call_steps.back()) {
    const StepReport report = work.step();
    if (work.mark) work.mark();
    window.images += report.images;
    window.data_wait_seconds += report.data_wait_seconds;
    call_steps.push_back(report.steps);
    if (work.on_step) work.on_step(done + report.steps - 1);
    if (work.synchronize && done + report.steps >= steps) work.synchronize();
    const Clock::time_point now = Clock::now();
    call_seconds.push_back(seconds_between(previous, now));
    previous = now;
  }
  window.seconds += seconds_between(begin, previous);
  window.cpu_seconds += process_cpu_seconds() - cpu_begin;
  if (work.take_intervals) call_seconds = work.take_intervals();
  append_steps(call_seconds, call_steps, window.step_seconds);
}

std::optional<double> drift(std::span<const double> step_seconds) {
  constexpr std::size_t kFewestSteps = 6;
  if (step_seconds.size() < kFewestSteps) return std::nullopt;
  const std::size_t third = step_seconds.size() / 3;
  const double first = *stats::median(step_seconds.first(third));
  if (first <= 0) return std::nullopt;
  return *stats::median(step_seconds.last(third)) / first - 1;
}

bool is_steady(std::span<const double> step_seconds) {
  constexpr double kDriftThatMatters = 0.02;
  constexpr std::size_t kFewestSteps = 12;
  const auto seen = drift(step_seconds);
  if (!seen || step_seconds.size() < kFewestSteps) return true;
  // 3 standard errors of a difference of two medians are 3 x 1.77 sigma / sqrt(steps of a third), 7.9 for
  // sigma from the MAD; 10, because the MAD of few steps is too small.
  constexpr double kNoiseFactor = 10;
  const std::size_t third = step_seconds.size() / 3;
  const double noise = relative_noise_within_thirds(step_seconds) / std::sqrt(static_cast<double>(third));
  return std::abs(*seen) <= std::max(kDriftThatMatters, kNoiseFactor * noise);
}

void set_window_metrics(const Window& window, Metrics& metrics) {
  const auto steps = static_cast<double>(window.step_seconds.size());
  set_metric(metrics, "steps", steps);
  if (window.seconds <= 0 || window.step_seconds.empty()) return;
  const auto images = static_cast<double>(window.images);
  set_metric(metrics, "step_time_ms", 1e3 * *stats::median(window.step_seconds));
  set_metric(metrics, "step_time_p95_ms", 1e3 * *stats::quantile(window.step_seconds, 0.95));
  set_metric(metrics, "cpu_time_s", window.cpu_seconds);
  set_metric(metrics, "cores_used", window.cpu_seconds / window.seconds);
  if (window.images > 0) {
    set_metric(metrics, "images_per_second", images / window.seconds);
    set_metric(metrics, "epoch_time_s", kEpochImages * window.seconds / images);
    set_metric(metrics, "data_wait_percent", 100 * window.data_wait_seconds / window.seconds);
  }
  if (const auto noise = stats::relative_mad(window.step_seconds)) {
    set_metric(metrics, "step_noise_percent", 100 * *noise);
  }
  if (const auto seen = drift(window.step_seconds)) set_metric(metrics, "drift_percent", 100 * *seen);
}

}  // namespace trainbench
