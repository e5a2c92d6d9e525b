#include <iterator>
#include <string>
#include <vector>

#include "benchmarks/experiments.hpp"
#include "fixtures/training.hpp"

namespace trainbench {
namespace {

// Form graph runs 11 steps eagerly before it captures, cuDNN measures its algorithms in the first, and the
// allocator has its blocks after some more.
constexpr std::int64_t kWarmupSteps = 16;

constexpr StepOptions kAmp = {.precision = Precision::amp_fp16, .scaling = LossScaling::host_read};

/// Batch normalisation over one image's 1x1 map has nothing to normalise: from 2.
Axis batches(std::vector<std::int64_t> values) {
  return {.name = "batch", .values = std::move(values), .least = 2};
}

/// Guesses for an H100 at batch 128. A step is bound by its launches: its time hardly depends on the batch.
struct Pace {
  std::int64_t quick_steps = 800;  // some 5 s
  double images_per_second = 20'000;
};

Pace pace_of(const StepOptions& step) {
  if (step.form == StepForm::graph) return {.quick_steps = 4000, .images_per_second = 100'000};
  if (step.optimizer == OptimizerKind::fused_sgd) return {.quick_steps = 1200, .images_per_second = 30'000};
  return {};
}

Experiment on_gpu(std::string name, std::vector<Axis> axes, const StepOptions& step, Feed feed) {
  const Pace pace = pace_of(step);
  return {.name = std::move(name),
          .axes = std::move(axes),
          .subject = resnet18_training(),
          .device = "cuda",
          .step = step,
          .feed = feed,
          .threads = 1,
          .workers = feed == Feed::host ? 1 : 0,
          .warmup_steps = kWarmupSteps,
          .quick_steps = pace.quick_steps,
          .images_per_second = pace.images_per_second};
}

/// The study's own forms: fed by the host, eager, torch::optim::SGD, a scaler that the host reads.
std::vector<Experiment> study() {
  std::vector<Experiment> experiments = {
      on_gpu("Exp3_GPU_FP32", {batches({128})}, {}, Feed::host),
      on_gpu("Exp4_GPU_AMP_Sweep", {batches({16, 32, 64, 128, 256, 512})}, kAmp, Feed::host),
      on_gpu("Exp5_GPU_AMP", {batches({256})}, kAmp, Feed::host)};
  experiments[1].out_of_memory_is_a_row = true;
  return experiments;
}

Experiment time_to_accuracy() {
  Experiment experiment = on_gpu("TimeToAccuracy_GPU", {{.name = "percent", .values = {60}, .most = 99}},
                                 {.precision = Precision::amp_fp16,
                                  .scaling = LossScaling::on_device,
                                  .optimizer = OptimizerKind::fused_sgd,
                                  .form = StepForm::graph,
                                  .channels_last = true},
                                 Feed::device);
  experiment.warmup_steps = 0;  // they would train unpaid
  experiment.only_full = true;
  experiment.only_whole_set = true;
  experiment.spans_per_epoch = 4;
  return experiment;
}

/// One rung of the ladder: Step_GPU_<precision>_<form>_<feed>[_rung], the rung's words joined by '_'.
struct Rung {
  const char* precision = "FP32";
  const char* form_and_feed = "eager_device";
  const char* words = "";  // "fused": fused SGD (form graph has it always), "hostread": the host reads the
                           // scaler, "cl": channels_last, "cudnn": cuDNN measures, "x8": 8 steps a launch
};

// What the study's forms are already (FP32 and AMP_FP16, eager, fed by the host, torch::optim::SGD) has no
// second name here. Each rung differs from another one in one option.
constexpr Rung kLadder[] = {
    {"FP32", "eager_host", "fused"},
    {"AMP_FP16", "eager_host", "fused"},
    {"FP32", "eager_device", ""},
    {"AMP_FP16", "eager_device", "hostread"},
    {"FP32", "eager_device", "fused"},
    {"TF32", "eager_device", "fused"},
    {"AMP_FP16", "eager_device", "fused_hostread"},
    {"AMP_FP16", "eager_device", "fused"},
    {"AMP_BF16", "eager_device", "fused"},
    {"HALF", "eager_device", "fused"},
    {"FP32", "graph_device", ""},
    {"TF32", "graph_device", ""},
    {"AMP_FP16", "graph_device", ""},
    {"AMP_BF16", "graph_device", ""},
    {"HALF", "graph_device", ""},
    {"TF32", "graph_device", "cl"},
    {"AMP_FP16", "graph_device", "cl"},
    {"AMP_BF16", "graph_device", "cl"},
    {"HALF", "graph_device", "cl"},
    {"AMP_FP16", "graph_device", "cl_cudnn"},
    {"HALF", "graph_device", "cl_cudnn"},
    {"AMP_FP16", "graph_device", "cl_cudnn_x8"},
    {"HALF", "graph_device", "cl_cudnn_x8"},
};

bool has(const std::string& words, const std::string& word) {
  return ("_" + words + "_").find("_" + word + "_") != std::string::npos;
}

Precision precision_of(const std::string& word) {
  if (word == "TF32") return Precision::tf32;
  if (word == "AMP_FP16") return Precision::amp_fp16;
  if (word == "AMP_BF16") return Precision::amp_bf16;
  return word == "HALF" ? Precision::half : Precision::fp32;
}

Experiment ladder_experiment(const Rung& rung) {
  const std::string words = rung.words;
  const std::string form_and_feed = rung.form_and_feed;
  StepOptions step = {.precision = precision_of(rung.precision)};
  const bool graph = form_and_feed.starts_with("graph");
  const bool fused = graph || has(words, "fused");
  const bool in_float16 = step.precision == Precision::amp_fp16 || step.precision == Precision::half;
  const bool host_reads = has(words, "hostread");
  if (in_float16) step.scaling = host_reads ? LossScaling::host_read : LossScaling::on_device;
  step.optimizer = fused ? OptimizerKind::fused_sgd : OptimizerKind::sgd;
  step.form = graph ? StepForm::graph : StepForm::eager;
  step.steps_per_launch = has(words, "x8") ? 8 : 1;
  step.channels_last = has(words, "cl");
  step.cudnn_benchmark = has(words, "cudnn");
  const std::string name = "Step_GPU_" + std::string(rung.precision) + "_" + form_and_feed;
  return on_gpu(words.empty() ? name : name + "_" + words, {batches({128, 512})}, step,
                form_and_feed.ends_with("host") ? Feed::host : Feed::device);
}

}  // namespace

std::vector<Experiment> gpu_experiments() {
  std::vector<Experiment> experiments = study();
  experiments.push_back(time_to_accuracy());
  for (const Rung& rung : kLadder) experiments.push_back(ladder_experiment(rung));
  return experiments;
}

}  // namespace trainbench
