#include "src/train/trainer.hpp"

#include <ATen/ops/argmax.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/sum.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>

#include "src/base/errors.hpp"

namespace trainbench {
namespace {

torch::optim::SGDOptions sgd_options(const Recipe& recipe) {
  return torch::optim::SGDOptions(recipe.learning_rate)
      .momentum(recipe.momentum)
      .weight_decay(recipe.weight_decay);
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

Trainer::Trainer(Net net, BatchSource source, const Recipe& recipe, std::int64_t total_steps)
    : net_(std::move(net)),
      source_(std::move(source)),
      recipe_(recipe),
      total_steps_(total_steps),
      optimizer_(net_.parameters, sgd_options(recipe)) {
  net_.train_mode(true);
}

StepReport Trainer::step() {
  const auto begin = std::chrono::steady_clock::now();
  const Batch batch = source_.next();
  const StepReport report{.images = batch.images.size(0), .data_wait_seconds = seconds_since(begin)};

  optimizer_.zero_grad();
  const at::Tensor logits = net_.forward(batch.images);
  const at::Tensor loss = at::cross_entropy_loss(logits, batch.labels);
  loss.backward();
  for (auto& group : optimizer_.param_groups()) {
    group.options().set_lr(learning_rate_at(recipe_, steps_done_, total_steps_));
  }
  optimizer_.step();

  losses_.push_back(loss.detach());
  ++steps_done_;
  if (loss.is_cpu()) require_finite(loss.item<double>(), steps_done_);
  return report;
}

void Trainer::require_finite(double loss, std::int64_t step) const {
  if (std::isfinite(loss)) return;
  throw InputError(fmt::format(
      "The loss of step {} is not finite: {}. Warm-up steps are counted; a lower learning rate than {} "
      "may help.",
      step, loss, recipe_.learning_rate));
}

double Trainer::take_mean_loss() {
  if (losses_.empty()) return last_loss();
  double sum = 0;
  const std::int64_t first_step = steps_done_ - static_cast<std::int64_t>(losses_.size());
  for (std::size_t i = 0; i < losses_.size(); ++i) {
    last_loss_taken_ = losses_[i].item<double>();
    require_finite(last_loss_taken_, first_step + static_cast<std::int64_t>(i) + 1);
    sum += last_loss_taken_;
  }
  const double mean = sum / static_cast<double>(losses_.size());
  losses_.clear();
  return mean;
}

double Trainer::last_loss() const {
  if (steps_done_ == 0) throw std::logic_error("No step has been done: there is no loss.");
  return losses_.empty() ? last_loss_taken_ : losses_.back().item<double>();
}

std::int64_t Trainer::evaluated_images(std::int64_t images) const noexcept {
  return images > 0 ? std::min(images, source_.test_images) : source_.test_images;
}

std::optional<double> Trainer::test_accuracy(std::int64_t images) {
  const std::int64_t wanted = evaluated_images(images);
  if (wanted == 0) return std::nullopt;
  const c10::InferenceMode no_gradients;
  net_.train_mode(false);
  std::int64_t right = 0;
  for (std::int64_t begin = 0; begin < wanted; begin += source_.batch_size) {
    const Batch batch = source_.test_batch(begin, std::min(source_.batch_size, wanted - begin));
    const at::Tensor guesses = net_.forward(batch.images).argmax(1);
    right += guesses.eq(batch.labels).sum().item<std::int64_t>();
  }
  net_.train_mode(true);
  return 100.0 * static_cast<double>(right) / static_cast<double>(wanted);
}

}  // namespace trainbench
