#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace trainbench {

/// torch.amp.GradScaler's defaults.
struct GradScalerOptions {
  double initial_scale = 65536;
  double growth_factor = 2;     ///< after `growth_interval` steps without overflow
  double backoff_factor = 0.5;  ///< after a step with overflow
  std::int64_t growth_interval = 2000;
  double floor = 1;  ///< below it gradients overflow even unscaled: scaling is no remedy
};

/// What a scaler carries from step to step.
struct GradScalerState {
  double scale = 0;
  std::int64_t steps_since_overflow = 0;
  std::int64_t skipped_steps = 0;
};

/// A dynamic loss scale, which lives on the device (Micikevicius and others, "Mixed Precision Training",
/// 2017). A step is: backward of scale(loss), then unscale(gradients), then the optimizer unless something
/// overflowed, then update(). Whether something did, is either read by the host (found_overflow, which waits
/// for the device) or handed to the fused optimizer as found_inf(), and then nothing is read.
class GradScaler {
 public:
  GradScaler(const GradScalerOptions& options, at::Device device);

  /// `loss`, float32, times the scale.
  at::Tensor scale(const at::Tensor& loss) const;

  /// Divides float32 `gradients` by the scale in place and notes whether one of them is not finite.
  void unscale(at::TensorList gradients);

  /// float32 [1] on the device: 1 where the last unscale met an overflow, else 0. Always the same tensor.
  const at::Tensor& found_inf() const noexcept { return found_inf_; }

  /// The host's look at found_inf: waits for the device.
  bool found_overflow() const;

  /// Lets the scale follow what the last unscale met, and counts a skipped step; on the device.
  void update();

  /// Reads the device.
  GradScalerState state() const;

  /// Takes up a saved state, in the same tensors (a captured step goes on with it).
  void restore(const GradScalerState& state);

  /// Reads the device. Throws InputError where overflows have brought the scale below its floor.
  void require_above_floor() const;

 private:
  GradScalerOptions options_;
  at::Tensor scale_;                 // float32 [1]
  at::Tensor steps_since_overflow_;  // int32 [1]
  at::Tensor found_inf_;             // float32 [1]
  at::Tensor skipped_steps_;         // float32 [1]: exact up to 2^24, and found_inf adds to it without a cast
};

}  // namespace trainbench
