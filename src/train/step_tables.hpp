#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "src/train/recipe.hpp"

namespace trainbench {

/// What a step needs to know of its number, kept on the device: the learning rate of each step, the loss of
/// each step, and the counter that indexes both. So the body of a step is the same for every step, needs
/// nothing from the host and can be captured.
///
/// The tables have an entry for each of `total_steps` steps and `room` more with the last learning rate. The
/// host keeps the counter within them: it reads the losses and sets the counter back to the first of the
/// extra entries before it would leave them.
class StepTables {
 public:
  /// `room` must be at least the steps of one `begin`.
  StepTables(const Recipe& recipe, std::int64_t total_steps, std::int64_t room, at::Device device);

  /// In the body: the learning rate of the current step, float32 [1].
  at::Tensor learning_rate() const;

  /// In the body, last: notes the step's loss (float32, one element) and moves on to the next step.
  void finish_step(const at::Tensor& loss);

  /// On the host, before `steps` bodies are handed to the device. Waits for it only where the tables are
  /// full.
  void begin(std::int64_t steps);

  /// The losses of the steps since the last call; waits for the device.
  std::vector<double> take_losses();

  /// The loss of the last step that was begun; waits for the device.
  double last_loss() const;

 private:
  void collect();

  std::int64_t total_steps_;
  at::Tensor rates_;   // float32 [total_steps + room]
  at::Tensor losses_;  // the same
  at::Tensor step_;    // int64 [1]: index into both
  // The host's view.
  std::int64_t position_ = 0;  // step_ once the device has done what it was given
  std::int64_t taken_ = 0;     // entries below are in pending_ or were taken
  std::vector<double> pending_;
};

}  // namespace trainbench
