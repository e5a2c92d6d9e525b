#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "src/measure/metrics.hpp"
#include "src/measure/window.hpp"
#include "src/train/batch_source.hpp"
#include "src/train/net.hpp"
#include "src/train/phases.hpp"
#include "src/train/recipe.hpp"
#include "src/train/step_options.hpp"

namespace trainbench {

class Float32Settings;
class GradScaler;
class Optimizer;
class StepTables;

/// Trains a net by stochastic gradient descent with momentum, one batch a step. With default options it is
/// the loop that a LibTorch tutorial would write; everything that makes it faster is an option.
///
/// With fused SGD the body of a step needs nothing from the host (StepTables), and form graph captures it:
/// the first steps run eagerly, the next call captures `steps_per_launch` bodies, and from then on a call is
/// one launch of them.
class Trainer {
 public:
  /// Makes one launch of some work: captures it, or does what a test wants instead.
  using Capture = std::function<std::function<void()>(std::function<void()> work)>;

  /// `total_steps` is the length of the learning-rate schedule. Moves the net to `device`, in the precision
  /// and memory format of the options. On a GPU the float32 settings of the process are the options' until
  /// the trainer ends. Throws InputError for options that do not go together.
  Trainer(Net net, BatchSource source, const Recipe& recipe, std::int64_t total_steps,
          const StepOptions& options = {}, at::Device device = at::kCPU);
  ~Trainer();
  Trainer(const Trainer&) = delete;  // what is captured holds its address
  Trainer& operator=(const Trainer&) = delete;

  /// Next batch, forward, cross-entropy, backward, SGD. The loss stays where it was computed until it is
  /// asked for; with torch::optim::SGD on the CPU, where looking costs nothing, throws InputError at once
  /// where it is not finite. Does `steps_per_launch` steps in form graph, once it is captured.
  StepReport step();

  /// Mean loss of the steps since the last call (or the start); waits for the device.
  /// Throws InputError that names the first step whose loss is not finite, or says that the loss scale fell
  /// below its floor.
  double take_mean_loss();

  /// Loss of the last step; waits for the device. Throws std::logic_error before the first.
  double last_loss() const;

  /// Sets skipped_steps and loss_scale where the loss is scaled; waits for the device. Throws InputError
  /// where the loss scale fell below its floor.
  void add_metrics(Metrics& metrics) const;

  /// Share of the first `images` test images (all where 0 or more than there are) that are classified
  /// rightly, in percent; in evaluation and inference mode and the precision of training. Nothing where there
  /// are no test images.
  std::optional<double> test_accuracy(std::int64_t images);

  /// How many images test_accuracy(images) looks at.
  std::int64_t evaluated_images(std::int64_t images) const noexcept;

  /// `observer` hears of the phases of every eager step from now on (of a graph: while it is captured).
  void observe_phases(PhaseObserver observer) { observer_ = std::move(observer); }

  /// For tests without a GPU: what form graph does instead of gpu::CapturedWork.
  void capture_by(Capture capture) { capture_ = std::move(capture); }

  const BatchSource& source() const noexcept { return source_; }
  const Net& net() const noexcept { return net_; }
  const StepOptions& options() const noexcept { return options_; }

 private:
  StepReport eager_step();
  StepReport launch();
  void capture_body();
  Batch next_batch();
  at::Tensor prepared(const at::Tensor& images) const;
  void train_on(const Batch& batch);
  at::Tensor loss_of(const Batch& batch);
  void optimize();
  void begin_steps(std::int64_t steps);
  void keep_loss(const at::Tensor& loss);
  std::vector<double> take_losses();
  void require_finite(double loss, std::int64_t step) const;
  std::int64_t count_right(std::int64_t images);

  Net net_;
  BatchSource source_;
  Recipe recipe_;
  std::int64_t total_steps_;
  StepOptions options_;
  at::Device device_;
  std::unique_ptr<Float32Settings> float32_settings_;  // on a GPU
  std::unique_ptr<Optimizer> optimizer_;
  std::unique_ptr<GradScaler> scaler_;  // where the loss is scaled
  std::unique_ptr<StepTables> tables_;  // with fused SGD
  Capture capture_;
  std::function<void()> launch_;  // once captured
  PhaseObserver observer_;
  std::int64_t steps_done_ = 0;
  std::vector<at::Tensor> losses_;  // without tables: of the steps since the last take, each a scalar
  double last_loss_taken_ = 0;
};

}  // namespace trainbench
