#include "src/train/step_tables.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <utility>

namespace trainbench {
namespace {

at::Tensor learning_rates(const Recipe& recipe, std::int64_t total_steps, std::int64_t entries) {
  at::Tensor rates = at::empty({entries}, at::kFloat);
  auto* values = rates.mutable_data_ptr<float>();
  for (std::int64_t step = 0; step < entries; ++step) {
    values[step] = static_cast<float>(learning_rate_at(recipe, std::min(step, total_steps - 1), total_steps));
  }
  return rates;
}

}  // namespace

StepTables::StepTables(const Recipe& recipe, std::int64_t total_steps, std::int64_t room, at::Device device)
    : total_steps_(std::max<std::int64_t>(1, total_steps)),
      rates_(learning_rates(recipe, total_steps_, total_steps_ + room).to(device)),
      losses_(at::zeros({total_steps_ + room}, at::TensorOptions(at::kFloat).device(device))),
      step_(at::zeros({1}, at::TensorOptions(at::kLong).device(device))) {}

at::Tensor StepTables::learning_rate() const {
  return rates_.index_select(0, step_);
}

void StepTables::finish_step(const at::Tensor& loss) {
  losses_.index_copy_(0, step_, loss.detach().reshape({1}));
  step_.add_(1);
}

void StepTables::begin(std::int64_t steps) {
  if (position_ + steps > losses_.size(0)) {
    collect();
    position_ = taken_ = total_steps_;
    step_.fill_(total_steps_);
  }
  position_ += steps;
}

void StepTables::collect() {
  if (position_ == taken_) return;
  const at::Tensor fresh = losses_.slice(0, taken_, position_).cpu();
  const auto* values = fresh.const_data_ptr<float>();
  pending_.insert(pending_.end(), values, values + fresh.numel());
  taken_ = position_;
}

std::vector<double> StepTables::take_losses() {
  collect();
  return std::exchange(pending_, {});
}

double StepTables::last_loss() const {
  return losses_[position_ - 1].item<double>();
}

}  // namespace trainbench
