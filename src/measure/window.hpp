#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "src/measure/metrics.hpp"

namespace trainbench {

/// What one call of `step` says about itself.
struct StepReport {
  std::int64_t images = 0;
  double data_wait_seconds = 0;
  std::int64_t steps = 1;  // training steps that the call did; more than 1 where one launch holds several
};

/// What a worker measures. `step` does one training step, or as many as it reports. `synchronize`, where set,
/// waits until the device has finished what was handed to it. `on_step`, where set, hears of every finished
/// step (index from 0) and must be cheap: it runs inside the window.
///
/// `mark` and `take_intervals`, set together or not at all, are a clock on the device: `mark` is called
/// before the first step and after each, without waiting, and `take_intervals` after the window gives the
/// seconds between the marks. They then are the steps' times; the window's is the host's, up to
/// `synchronize`.
struct SteppedWork {
  std::function<StepReport()> step;
  std::function<void()> synchronize = nullptr;
  std::function<void(std::int64_t)> on_step = nullptr;
  std::function<void()> mark = nullptr;
  std::function<std::vector<double>()> take_intervals = nullptr;
};

/// The measured window: one or more spans of steps, with what lies between them (evaluation) left out.
struct Window {
  double seconds = 0;
  double cpu_seconds = 0;
  double data_wait_seconds = 0;
  std::int64_t images = 0;
  std::vector<double> step_seconds;
};

/// Runs `steps` steps and adds them to `window`; where a call does several, the last may go beyond. Between
/// two calls stand `on_step`, `mark`, one clock read and one `push_back`; the vector has its room before the
/// first. A call of k steps is k equal entries of `step_seconds`.
void measure_steps(const SteppedWork& work, std::int64_t steps, Window& window);

/// Median step of the last third against that of the first third: last / first - 1.
/// Nothing for fewer than six steps.
std::optional<double> drift(std::span<const double> step_seconds);

/// True unless the window's drift is larger than 2 % and than what noise alone does to the medians of its
/// thirds: 10 times the relative MAD within the thirds, over the square root of a third's steps. Pure noise,
/// normal or heavy-tailed (t with 3 degrees), passes in 96 % of windows of 12 steps and in over 99 % of 60.
/// True for fewer than 12 steps: they cannot tell.
bool is_steady(std::span<const double> step_seconds);

/// Sets the metrics that follow from a window alone: images_per_second, step_time_ms, step_time_p95_ms,
/// epoch_time_s (per 50,000 images), cpu_time_s, cores_used, data_wait_percent, step_noise_percent,
/// drift_percent and steps. A metric that the window is too short for is left out.
void set_window_metrics(const Window& window, Metrics& metrics);

}  // namespace trainbench
