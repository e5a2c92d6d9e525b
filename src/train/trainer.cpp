#include "src/train/trainer.hpp"

#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/stack.h>
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "src/base/errors.hpp"
#include "src/gpu/graph.hpp"
#include "src/train/grad_scaler.hpp"
#include "src/train/optimizer.hpp"
#include "src/train/precision.hpp"
#include "src/train/step_tables.hpp"

namespace trainbench {
namespace {

// Steps beyond the schedule (a synced pass, a counted step) before the losses must be read to make room.
constexpr std::int64_t kExtraSteps = 1024;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::function<void()> capture_on_gpu(const std::function<void()>& work) {
  return [captured = std::make_shared<gpu::CapturedWork>(work)] { captured->launch(); };
}

void require_consistent_trainer(const StepOptions& options, at::Device device, const BatchSource& source) {
  // On the CPU a graph is refused where it would be captured: tests put something else in that place.
  const bool as_gpu = device.is_cuda() || options.form == StepForm::graph;
  require_consistent(options, as_gpu ? "cuda" : "cpu", source.prepare ? Feed::device : Feed::host);
}

void move_net(const Net& net, const StepOptions& options, at::Device device) {
  if (net.move_to) {
    net.move_to(device, options.channels_last);
  } else if (!device.is_cpu() || options.channels_last) {
    throw std::logic_error("The net '" + net.name + "' cannot be moved: it has no move_to.");
  }
  if (options.precision == Precision::half) make_half(net);
}

}  // namespace

Trainer::Trainer(Net net, BatchSource source, const Recipe& recipe, std::int64_t total_steps,
                 const StepOptions& options, at::Device device)
    : net_(std::move(net)),
      source_(std::move(source)),
      recipe_(recipe),
      total_steps_(total_steps),
      options_(options),
      device_(device),
      capture_(capture_on_gpu) {
  require_consistent_trainer(options_, device_, source_);
  if (device_.is_cuda()) {
    float32_settings_ = std::make_unique<Float32Settings>(options_.precision, options_.cudnn_benchmark);
  }
  move_net(net_, options_, device_);
  net_.train_mode(true);
  optimizer_ = make_optimizer(options_.optimizer, net_.parameters, recipe_);
  if (options_.scaling != LossScaling::none) {
    scaler_ = std::make_unique<GradScaler>(GradScalerOptions{}, device_);
  }
  if (options_.optimizer == OptimizerKind::fused_sgd) {
    tables_ =
        std::make_unique<StepTables>(recipe_, total_steps_, kExtraSteps + options_.steps_per_launch, device_);
  }
}

Trainer::~Trainer() = default;

StepReport Trainer::step() {
  const bool captures = options_.form == StepForm::graph && steps_done_ >= kStepsBeforeCapture;
  return captures ? launch() : eager_step();
}

void Trainer::begin_steps(std::int64_t steps) {
  if (source_.prepare) source_.prepare(steps_done_, steps);
  if (tables_) tables_->begin(steps);
}

StepReport Trainer::eager_step() {
  const auto begin = std::chrono::steady_clock::now();
  begin_steps(1);
  const Batch batch = next_batch();
  const StepReport report{.images = batch.images.size(0), .data_wait_seconds = seconds_since(begin)};
  train_on(batch);
  ++steps_done_;
  if (!losses_.empty() && losses_.back().is_cpu()) require_finite(last_loss(), steps_done_);
  return report;
}

StepReport Trainer::launch() {
  const std::int64_t steps = options_.steps_per_launch;
  if (!launch_) capture_body();
  const auto begin = std::chrono::steady_clock::now();
  begin_steps(steps);
  const StepReport report{
      .images = steps * source_.batch_size, .data_wait_seconds = seconds_since(begin), .steps = steps};
  launch_();
  steps_done_ += steps;
  return report;
}

void Trainer::capture_body() {
  // The gradients of the captured step shall live in the graph's memory.
  optimizer_->zero_grad();
  launch_ = capture_([this] {
    for (int i = 0; i < options_.steps_per_launch; ++i) train_on(next_batch());
  });
}

Batch Trainer::next_batch() {
  const PhaseSpan span(observer_, Phase::load);
  Batch batch = source_.next();
  batch.images = prepared(batch.images);
  if (batch.labels.device() != device_) batch.labels = batch.labels.to(device_, /*non_blocking=*/true);
  return batch;
}

at::Tensor Trainer::prepared(const at::Tensor& images) const {
  at::Tensor ready = images;
  if (ready.device() != device_) ready = ready.to(device_, /*non_blocking=*/true);
  if (options_.precision == Precision::half) ready = ready.to(at::kHalf);
  if (options_.channels_last) ready = ready.contiguous(at::MemoryFormat::ChannelsLast);
  return ready;
}

void Trainer::train_on(const Batch& batch) {
  optimizer_->zero_grad();
  const at::Tensor loss = loss_of(batch);
  {
    const PhaseSpan span(observer_, Phase::backward);
    (scaler_ ? scaler_->scale(loss) : loss).backward();
  }
  {
    const PhaseSpan span(observer_, Phase::optimizer);
    optimize();
  }
  keep_loss(loss);
}

at::Tensor Trainer::loss_of(const Batch& batch) {
  // Not around backward, which follows the types that these leave.
  std::optional<Autocast> autocast;
  if (const auto dtype = autocast_dtype(options_.precision)) autocast.emplace(device_.type(), *dtype);
  at::Tensor logits;
  {
    const PhaseSpan span(observer_, Phase::forward);
    logits = net_.forward(batch.images);
  }
  const PhaseSpan span(observer_, Phase::loss);
  // The scaled gradient of the logits would overflow in float16.
  if (options_.precision == Precision::half) logits = logits.to(at::kFloat);
  return at::cross_entropy_loss(logits, batch.labels);
}

void Trainer::optimize() {
  OptimizerInput input{.learning_rate = learning_rate_at(recipe_, steps_done_, total_steps_)};
  if (tables_) input.device_learning_rate = tables_->learning_rate();
  const std::vector<at::Tensor>& gradients = optimizer_->take_gradients();
  if (!scaler_) return optimizer_->step(input);
  scaler_->unscale(gradients);
  if (options_.scaling == LossScaling::on_device) input.found_inf = scaler_->found_inf();
  const bool skip = options_.scaling == LossScaling::host_read && scaler_->found_overflow();
  if (!skip) optimizer_->step(input);
  scaler_->update();
}

void Trainer::keep_loss(const at::Tensor& loss) {
  if (tables_) {
    tables_->finish_step(loss);
  } else {
    losses_.push_back(loss.detach());
  }
}

void Trainer::require_finite(double loss, std::int64_t step) const {
  if (std::isfinite(loss)) return;
  throw InputError(fmt::format(
      "The loss of step {} is not finite: {}. Warm-up steps are counted; a lower learning rate than {} "
      "may help.",
      step, loss, recipe_.learning_rate));
}

std::vector<double> Trainer::take_losses() {
  if (tables_) return tables_->take_losses();
  if (losses_.empty()) return {};
  // One copy from the device, not one a step.
  const at::Tensor values = at::stack(losses_).to(at::kDouble).cpu();
  losses_.clear();
  const auto* first = values.const_data_ptr<double>();
  return {first, first + values.numel()};
}

double Trainer::take_mean_loss() {
  const std::vector<double> losses = take_losses();
  if (losses.empty()) return last_loss();
  double sum = 0;
  std::int64_t step = steps_done_ - std::ssize(losses);
  for (const double loss : losses) {
    require_finite(loss, ++step);
    sum += loss;
  }
  last_loss_taken_ = losses.back();
  if (scaler_) scaler_->require_above_floor();
  return sum / static_cast<double>(losses.size());
}

double Trainer::last_loss() const {
  if (steps_done_ == 0) throw std::logic_error("No step has been done: there is no loss.");
  if (tables_) return tables_->last_loss();
  return losses_.empty() ? last_loss_taken_ : losses_.back().item<double>();
}

void Trainer::add_metrics(Metrics& metrics) const {
  if (!scaler_) return;
  scaler_->require_above_floor();
  const GradScalerState state = scaler_->state();
  set_metric(metrics, "skipped_steps", static_cast<double>(state.skipped_steps));
  set_metric(metrics, "loss_scale", state.scale);
}

}  // namespace trainbench
