#include "src/train/grad_scaler.hpp"

#include <ATen/ops/_amp_foreach_non_finite_check_and_unscale.h>
#include <ATen/ops/_amp_update_scale.h>
#include <ATen/ops/full.h>
#include <ATen/ops/reciprocal.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include "src/base/errors.hpp"

namespace trainbench {

GradScaler::GradScaler(const GradScalerOptions& options, at::Device device)
    : options_(options),
      scale_(at::full({1}, options.initial_scale, at::TensorOptions(at::kFloat).device(device))),
      steps_since_overflow_(at::zeros({1}, at::TensorOptions(at::kInt).device(device))),
      found_inf_(at::zeros({1}, at::TensorOptions(at::kFloat).device(device))),
      skipped_steps_(at::zeros({1}, at::TensorOptions(at::kFloat).device(device))) {}

at::Tensor GradScaler::scale(const at::Tensor& loss) const {
  return loss.mul(scale_);
}

void GradScaler::unscale(at::TensorList gradients) {
  // The check only ever sets it.
  found_inf_.zero_();
  at::_amp_foreach_non_finite_check_and_unscale_(gradients, found_inf_, scale_.reciprocal());
}

bool GradScaler::found_overflow() const {
  return found_inf_.item<float>() != 0;
}

void GradScaler::update() {
  skipped_steps_.add_(found_inf_);
  at::_amp_update_scale_(scale_, steps_since_overflow_, found_inf_, options_.growth_factor,
                         options_.backoff_factor, options_.growth_interval);
}

GradScalerState GradScaler::state() const {
  return {.scale = scale_.item<double>(),
          .steps_since_overflow = steps_since_overflow_.item<std::int64_t>(),
          .skipped_steps = static_cast<std::int64_t>(skipped_steps_.item<double>())};
}

void GradScaler::restore(const GradScalerState& state) {
  scale_.fill_(state.scale);
  steps_since_overflow_.fill_(state.steps_since_overflow);
  skipped_steps_.fill_(static_cast<double>(state.skipped_steps));
}

void GradScaler::require_above_floor() const {
  const GradScalerState now = state();
  if (now.scale >= options_.floor) return;
  throw InputError(fmt::format(
      "The float16 gradients overflowed in {} steps, which brought the loss scale to {}, below its floor of "
      "{}: no scale helps. A lower learning rate, or precision amp_bf16 or fp32, may.",
      now.skipped_steps, now.scale, options_.floor));
}

}  // namespace trainbench
