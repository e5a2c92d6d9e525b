#include "src/measure/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace trainbench {
namespace {

constexpr auto kLower = Better::lower;
constexpr auto kHigher = Better::higher;
constexpr auto kNeither = Better::neither;

// name, title, unit, better, decimals, gated, relative zone, absolute zone, meaning
constexpr std::array kRegistry = {
    MetricInfo{"images_per_second", "Throughput", "images/s", kHigher, 1, false, 0.03, 0,
               "training images of the measured window divided by its wall time"},
    MetricInfo{"step_time_ms", "Time per step", "ms", kLower, 2, true, 0.03, 0,
               "median wall time of one training step"},
    MetricInfo{"step_time_p95_ms", "Step p95", "ms", kLower, 2, false, 0.05, 0,
               "95th percentile of the wall time of one step"},
    MetricInfo{"synced_step_time_ms", "Synced step", "ms", kLower, 2, false, 0.03, 0,
               "median wall time of one step in an extra pass that waits for the device after each"},
    MetricInfo{"synced_step_time_p95_ms", "Synced p95", "ms", kLower, 2, false, 0.05, 0,
               "95th percentile of the wall time of one step in that pass"},
    MetricInfo{"run_ahead_percent", "Run-ahead", "%", kNeither, 1, false, 0, 1.0,
               "share of the synced step that is hidden where the host runs ahead of the device"},
    MetricInfo{"epoch_time_s", "Epoch time", "s", kLower, 2, false, 0.03, 0,
               "wall time per 50,000 training images"},
    MetricInfo{
        "epoch_extrapolated", "Epoch extrapolated", "", kNeither, 0, false, 0, 0,
        "1 where the epoch time was computed from fewer steps than an epoch has, 0 where whole epochs ran"},
    MetricInfo{"time_to_accuracy_s", "Time to accuracy", "s", kLower, 1, false, 0.03, 0,
               "training time until the test accuracy was reached; the time of the evaluations is left out"},
    MetricInfo{"test_accuracy", "Accuracy", "%", kHigher, 2, true, 0, 1.0,
               "percentage of test images classified rightly after the measured window"},
    MetricInfo{"final_loss", "Final loss", "", kLower, 4, false, 0.02, 0,
               "training loss of the last measured step"},
    MetricInfo{"skipped_steps", "Skipped steps", "", kLower, 0, false, 0, 0,
               "steps since the start whose float16 gradients overflowed, so that no weight was changed"},
    MetricInfo{"loss_scale", "Loss scale", "", kNeither, 0, false, 0, 0,
               "factor on the loss after the last step, which keeps float16 gradients from underflow"},
    MetricInfo{"peak_rss_mib", "Peak RSS", "MiB", kLower, 1, true, 0.02, 0,
               "largest resident memory of the worker process up to the end of the measured window"},
    MetricInfo{
        "step_rss_mib", "Step RSS", "MiB", kLower, 1, true, 0.02, 0,
        "peak resident memory of the steps less what stood before the first step, model and data ready"},
    MetricInfo{"gpu_peak_allocated_mib", "GPU allocated", "MiB", kLower, 1, true, 0.02, 0,
               "peak of the bytes that tensors held on the device"},
    MetricInfo{"gpu_peak_reserved_mib", "GPU reserved", "MiB", kLower, 1, false, 0.02, 0,
               "peak of the bytes that the caching allocator held on the device"},
    MetricInfo{"gpu_process_mib", "GPU process", "MiB", kLower, 1, false, 0.02, 0,
               "device memory of the whole process as the driver counts it"},
    MetricInfo{"gpu_context_mib", "GPU context", "MiB", kLower, 1, false, 0.02, 0,
               "device memory of the process before its first tensor"},
    MetricInfo{"gpu_joules_per_image", "Energy", "J/image", kLower, 4, false, 0.05, 0,
               "energy of the device per training image"},
    MetricInfo{"cpu_time_s", "CPU time", "s", kLower, 2, false, 0.05, 0,
               "processor time of the worker process in the measured window"},
    MetricInfo{"cores_used", "Cores used", "", kNeither, 2, false, 0, 0,
               "processor time of the measured window divided by its wall time"},
    MetricInfo{"data_wait_percent", "Data wait", "%", kLower, 2, false, 0, 1.0,
               "share of the measured window spent waiting for the next batch"},
    MetricInfo{"step_noise_percent", "Step noise", "%", kLower, 2, false, 0, 1.0,
               "median absolute deviation of the step times as a share of their median"},
    MetricInfo{"drift_percent", "Drift", "%", kNeither, 2, false, 0, 2.0,
               "median step of the window's last third against its first third"},
    MetricInfo{"steps", "Steps", "", kNeither, 0, false, 0, 0, "training steps of the measured window"},
    MetricInfo{"warmup_steps", "Warm-up steps", "", kNeither, 0, false, 0, 0,
               "untimed steps before the measured window"},
    MetricInfo{"flops_per_image", "FLOP per image", "", kNeither, 0, false, 0, 0,
               "floating-point operations of one training step per image, by formula, padding taps counted"},
    MetricInfo{"ops_per_step", "Operators per step", "", kLower, 0, true, 0, 0,
               "operator calls of one step, children included, counted in an extra step"},
    MetricInfo{"allocations_per_step", "Allocations per step", "", kLower, 0, true, 0, 0,
               "tensor allocations of one step, counted in an extra step"},
    MetricInfo{"peak_allocated_mib", "Peak allocated", "MiB", kLower, 1, true, 0, 0,
               "most tensor bytes that an extra step held above what was live at its start"},
    MetricInfo{"profiled_step_time_ms", "Profiled step", "ms", kNeither, 2, false, 0.03, 0,
               "wall time of one recorded step, in a worker of its own: what the recording costs shows "
               "beside the time per step"},
    MetricInfo{"kernel_launches_per_step", "Launches per step", "", kLower, 0, true, 0, 0,
               "kernel launches of one step"},
    MetricInfo{"bytes_copied_per_step", "Bytes copied per step", "B", kLower, 0, true, 0, 0,
               "bytes copied between host and device in one step"},
    MetricInfo{"host_syncs_per_step", "Host syncs per step", "", kLower, 0, true, 0, 0,
               "times that the host waited for the device in one step"},
    MetricInfo{"kernel_set", "Kernel set", "", kNeither, 0, true, 0, 0, "53-bit hash of the set of kernels"},
};

}  // namespace

std::span<const MetricInfo> metric_registry() noexcept {
  return kRegistry;
}

const MetricInfo* find_metric(std::string_view name) noexcept {
  const auto* found = std::find_if(kRegistry.begin(), kRegistry.end(),
                                   [&](const MetricInfo& info) { return info.name == name; });
  return found == kRegistry.end() ? nullptr : found;
}

void set_metric(Metrics& metrics, std::string_view name, double value) {
  if (find_metric(name) == nullptr) {
    throw std::logic_error(fmt::format("'{}' is not in the metric registry.", name));
  }
  if (!std::isfinite(value))
    throw std::logic_error(fmt::format("The metric '{}' is not finite: {}.", name, value));
  metrics[std::string(name)] = value;
}

}  // namespace trainbench
