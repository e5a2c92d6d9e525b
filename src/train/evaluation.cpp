#include <ATen/ops/argmax.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

#include "src/train/precision.hpp"
#include "src/train/trainer.hpp"

// Trainer's evaluation; its training is in trainer.cpp.

namespace trainbench {
namespace {

/// Evaluation mode from here to the end of the scope.
class EvaluationMode {
 public:
  explicit EvaluationMode(const Net& net) : net_(net) { net_.train_mode(false); }
  ~EvaluationMode() { net_.train_mode(true); }
  EvaluationMode(const EvaluationMode&) = delete;  // restores once
  EvaluationMode& operator=(const EvaluationMode&) = delete;

 private:
  const Net& net_;
};

}  // namespace

std::int64_t Trainer::evaluated_images(std::int64_t images) const noexcept {
  return images > 0 ? std::min(images, source_.test_images) : source_.test_images;
}

std::optional<double> Trainer::test_accuracy(std::int64_t images) {
  const std::int64_t wanted = evaluated_images(images);
  if (wanted == 0) return std::nullopt;
  const c10::InferenceMode no_gradients;
  const EvaluationMode evaluation(net_);
  return 100.0 * static_cast<double>(count_right(wanted)) / static_cast<double>(wanted);
}

std::int64_t Trainer::count_right(std::int64_t images) {
  // Counted on the device and read once.
  at::Tensor right = at::zeros({}, at::TensorOptions(at::kLong).device(device_));
  for (std::int64_t begin = 0; begin < images; begin += source_.batch_size) {
    const Batch batch = source_.test_batch(begin, std::min(source_.batch_size, images - begin));
    std::optional<Autocast> autocast;
    if (const auto dtype = autocast_dtype(options_.precision)) autocast.emplace(device_.type(), *dtype);
    const at::Tensor guesses = net_.forward(prepared(batch.images)).argmax(1);
    right += guesses.eq(batch.labels.to(device_)).sum();
  }
  return right.item<std::int64_t>();
}

}  // namespace trainbench
