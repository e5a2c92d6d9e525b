#include "src/train/step_options.hpp"

#include <fmt/format.h>

#include <string>

#include "src/base/errors.hpp"

namespace trainbench {
namespace {

bool computes_in_float16(const StepOptions& options) {
  return options.precision == Precision::amp_fp16 || options.precision == Precision::half;
}

void refuse_unless(bool holds, const std::string& sentence) {
  if (!holds) throw InputError(sentence);
}

void require_device(const StepOptions& options, std::string_view device) {
  refuse_unless(device == "cpu" || device == "cuda",
                fmt::format("A step runs on 'cpu' or 'cuda', not on '{}'.", device));
  if (device == "cuda") return;
  refuse_unless(options.precision != Precision::tf32,
                "Precision tf32 is of a GPU's convolutions and matrix products: on cpu take fp32.");
  refuse_unless(options.form != StepForm::graph,
                "A step of form graph is captured on a GPU: on cpu take form eager.");
  refuse_unless(!options.cudnn_benchmark, "cudnn_benchmark is of cuDNN, which runs on a GPU: not on cpu.");
}

void require_scaling(const StepOptions& options, std::string_view device) {
  const std::string_view precision = to_string(options.precision);
  if (options.scaling != LossScaling::none) {
    refuse_unless(computes_in_float16(options),
                  fmt::format("Loss scaling ({}) keeps float16 gradients from underflow: precision {} has "
                              "none, take scaling none.",
                              to_string(options.scaling), precision));
  } else if (device == "cuda") {
    // On the CPU it is let through: tests compare a scaled step with one that is not.
    refuse_unless(!computes_in_float16(options),
                  fmt::format("Precision {} loses small gradients without loss scaling: take scaling "
                              "host_read or on_device, or precision amp_bf16.",
                              precision));
  }
}

void require_optimizer(const StepOptions& options) {
  if (options.optimizer == OptimizerKind::fused_sgd) return;
  const std::string_view sgd = to_string(OptimizerKind::sgd);
  const std::string_view fused = to_string(OptimizerKind::fused_sgd);
  refuse_unless(options.scaling != LossScaling::on_device,
                fmt::format("Scaling on_device hands found_inf to the optimizer, which {} cannot take: take "
                            "{} or scaling host_read.",
                            sgd, fused));
  refuse_unless(options.precision != Precision::half,
                fmt::format("Precision half keeps a float32 master copy of the weights, which {} has not: "
                            "take {}.",
                            sgd, fused));
}

void require_form(const StepOptions& options, Feed feed) {
  refuse_unless(options.steps_per_launch >= 1,
                fmt::format("steps_per_launch is 1 or more, not {}.", options.steps_per_launch));
  if (options.form == StepForm::eager) {
    refuse_unless(
        options.steps_per_launch == 1,
        fmt::format("Only form graph has several steps in one launch: steps_per_launch {} needs it.",
                    options.steps_per_launch));
    return;
  }
  refuse_unless(
      feed == Feed::device,
      "Form graph replays what was captured, and batches made on the host are not: take feed device.");
  refuse_unless(options.optimizer == OptimizerKind::fused_sgd,
                fmt::format("Form graph would keep the learning rate of its capture with {}: take {}.",
                            to_string(OptimizerKind::sgd), to_string(OptimizerKind::fused_sgd)));
  refuse_unless(options.scaling != LossScaling::host_read,
                "Scaling host_read reads from the device in every step, which a capture forbids: take "
                "scaling on_device.");
}

}  // namespace

std::string_view to_string(Precision precision) noexcept {
  switch (precision) {
    case Precision::fp32:
      return "fp32";
    case Precision::tf32:
      return "tf32";
    case Precision::amp_fp16:
      return "amp_fp16";
    case Precision::amp_bf16:
      return "amp_bf16";
    case Precision::half:
      return "half";
  }
  return "";
}

std::string_view to_string(LossScaling scaling) noexcept {
  switch (scaling) {
    case LossScaling::none:
      return "none";
    case LossScaling::host_read:
      return "host_read";
    case LossScaling::on_device:
      return "on_device";
  }
  return "";
}

std::string_view to_string(OptimizerKind optimizer) noexcept {
  switch (optimizer) {
    case OptimizerKind::sgd:
      return "torch::optim::SGD";
    case OptimizerKind::fused_sgd:
      return "fused SGD";
  }
  return "";
}

std::string_view to_string(StepForm form) noexcept {
  switch (form) {
    case StepForm::eager:
      return "eager";
    case StepForm::graph:
      return "graph";
  }
  return "";
}

std::string_view to_string(Feed feed) noexcept {
  switch (feed) {
    case Feed::host:
      return "host";
    case Feed::device:
      return "device";
  }
  return "";
}

void require_consistent(const StepOptions& options, std::string_view device, Feed feed) {
  require_device(options, device);
  require_scaling(options, device);
  require_optimizer(options);
  require_form(options, feed);
}

Facts step_facts(const StepOptions& options, Feed feed) {
  Facts facts = {{"precision", std::string(to_string(options.precision))},
                 {"optimizer", std::string(to_string(options.optimizer))},
                 {"layout", options.channels_last ? "channels_last" : "contiguous"}};
  if (options.scaling != LossScaling::none) facts["scaling"] = to_string(options.scaling);
  if (options.form != StepForm::eager) {
    facts["form"] = to_string(options.form);
    facts["steps_per_launch"] = std::to_string(options.steps_per_launch);
  }
  if (options.cudnn_benchmark) facts["cudnn_benchmark"] = "on";
  if (feed != Feed::host) facts["feed"] = to_string(feed);
  return facts;
}

}  // namespace trainbench
