#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/measure/facts.hpp"

namespace trainbench {

/// The arithmetic of a step.
enum class Precision {
  fp32,      ///< IEEE float32 throughout
  tf32,      ///< float32 in memory, TF32 in convolutions and matrix products (GPU)
  amp_fp16,  ///< autocast to float16
  amp_bf16,  ///< autocast to bfloat16
  half,      ///< float16 weights with a float32 master copy, no autocast
};

/// How float16 gradients are kept from underflow.
enum class LossScaling {
  none,
  host_read,  ///< the host reads found_inf in every step, as Python's GradScaler does
  on_device,  ///< scale and found_inf go to the fused optimizer; the host reads nothing
};

enum class OptimizerKind {
  sgd,        ///< torch::optim::SGD, learning rate on the host
  fused_sgd,  ///< at::_fused_sgd_, learning rate in a tensor indexed by the step counter
};

enum class StepForm { eager, graph };

/// Steps that run eagerly before form graph captures, so that cuDNN, the allocator and autograd's streams
/// have settled. (Tutorials ask for 3, for 11 where gradients are reduced between devices.)
inline constexpr std::int64_t kStepsBeforeCapture = 11;

/// Where batches are made.
enum class Feed {
  host,    ///< loader threads on the host; on a GPU through a pinned ring and a copy stream
  device,  ///< the whole set as uint8 on the device, gathered and augmented there
};

/// What the trainer does in a step. The defaults are the loop of a tutorial.
struct StepOptions {
  Precision precision = Precision::fp32;
  LossScaling scaling = LossScaling::none;
  OptimizerKind optimizer = OptimizerKind::sgd;
  StepForm form = StepForm::eager;
  int steps_per_launch = 1;      ///< of form graph
  bool channels_last = false;    ///< weights and images
  bool cudnn_benchmark = false;  ///< cuDNN measures its algorithms in the first steps
};

/// The names used in benchmarks, facts and descriptions: "fp32", "tf32", "amp_fp16", "amp_bf16", "half";
/// "none", "host_read", "on_device"; "torch::optim::SGD", "fused SGD"; "eager", "graph"; "host", "device".
std::string_view to_string(Precision precision) noexcept;
std::string_view to_string(LossScaling scaling) noexcept;
std::string_view to_string(OptimizerKind optimizer) noexcept;
std::string_view to_string(StepForm form) noexcept;
std::string_view to_string(Feed feed) noexcept;

/// Throws InputError that names the two options that do not go together: a graph with host feed, with
/// torch::optim::SGD or with host_read scaling; several steps a launch without a graph; scaling of anything
/// but float16; float16 on "cuda" without scaling; on_device scaling or precision half with
/// torch::optim::SGD; tf32, graph or cudnn_benchmark on "cpu". host_read scaling goes with both optimizers.
void require_consistent(const StepOptions& options, std::string_view device, Feed feed);

/// The options in clear, for the measurement's fingerprint: precision, optimizer and layout; the others only
/// where they are not the default, so that results from before there were options stay comparable.
Facts step_facts(const StepOptions& options, Feed feed);

}  // namespace trainbench
