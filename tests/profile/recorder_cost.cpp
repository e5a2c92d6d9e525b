// What recording costs a training step: a recorder alternately on and off in one process, by the thread's
// processor time, which other processes on the machine hardly touch.
//
// Usage: recorder_cost [PAIRS [BATCH]]
//
// What a recorder costs is what it does at each operator, and not what the operator computes: so the cost is
// measured on a step with the operators of ResNet-18's but next to no arithmetic, in which it is no small
// difference of large times. Pairs of one step with and one without take turns in their order. Printed are
// the medians over the pairs with their 95 % intervals, for operators (with their inputs, as bench --profile
// records them, and without) and for allocations; as a share of a step of ResNet-18 at BATCH, whose operators
// are as many; and how much of recorded steps at BATCH operators cover.
#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include <cstdlib>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "src/profile/attribution.hpp"
#include "src/profile/closure.hpp"
#include "src/stats/median_interval.hpp"
#include "src/stats/summary.hpp"
#include "tests/profile/resnet_step.hpp"

namespace {

using namespace trainbench::profile;  // NOLINT: a program of one file

/// 20 convolutions, 20 normalisations and a linear layer, 62 parameters, as in ResNet-18; images of 2x2.
class NarrowStep {
 public:
  NarrowStep() {
    for (int i = 0; i < kConvolutions; ++i) {
      convolutions_.emplace_back(torch::nn::Conv2dOptions(kWidth, kWidth, 3).padding(1).bias(false));
      norms_.emplace_back(kWidth);
      for (const auto& parameters : {convolutions_.back()->parameters(), norms_.back()->parameters()})
        parameters_.insert(parameters_.end(), parameters.begin(), parameters.end());
    }
    for (const at::Tensor& parameter : linear_->parameters()) parameters_.push_back(parameter);
    optimizer_ = std::make_unique<torch::optim::SGD>(
        parameters_, torch::optim::SGDOptions(0.01).momentum(0.9).weight_decay(5e-4));
  }

  std::vector<std::pair<std::string, at::Tensor>> parameters() const {
    std::vector<std::pair<std::string, at::Tensor>> named;
    for (const at::Tensor& parameter : parameters_) named.emplace_back("layer.weight", parameter);
    return named;
  }

  void run() {
    optimizer_->zero_grad();
    at::Tensor x = images_;
    for (std::size_t i = 0; i < convolutions_.size(); ++i)
      x = norms_[i]->forward(convolutions_[i]->forward(x)).relu_();
    at::cross_entropy_loss(linear_->forward(x.flatten(1)), labels_).backward();
    optimizer_->step();
  }

 private:
  static constexpr int kConvolutions = 20;
  static constexpr std::int64_t kWidth = 4;
  static constexpr std::int64_t kBatch = 16;  // below, LibTorch takes code of its own for some convolutions
  std::vector<torch::nn::Conv2d> convolutions_;
  std::vector<torch::nn::BatchNorm2d> norms_;
  torch::nn::Linear linear_{torch::nn::LinearOptions(kWidth * 4, 10)};
  std::vector<at::Tensor> parameters_;
  std::unique_ptr<torch::optim::SGD> optimizer_;
  at::Tensor images_ = at::randn({kBatch, kWidth, 2, 2});
  at::Tensor labels_ = at::randint(10, {kBatch});
};

double seconds_of(const std::function<void()>& step) {
  const auto now = [] {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double begin = now();
  step();
  return now() - begin;
}

struct Costs {
  std::vector<double> bare;
  std::vector<double> differences;  // recorded - bare, of each pair
  double operators = 0;             // of a step
};

void add_pair(bool recorded_first, const std::function<double()>& recorded,
              const std::function<double()>& bare, Costs& costs) {
  const double first = recorded_first ? recorded() : 0;
  costs.bare.push_back(bare());
  costs.differences.push_back((recorded_first ? first : recorded()) - costs.bare.back());
}

/// Each recorder lives through some pairs, so that its logs stay as large as those of a profile.
Costs cost_of_operators(NarrowStep& step, long pairs, bool inputs) {
  constexpr long kPairs = 10;
  Costs costs;
  for (long done = 0; done < pairs; done += kPairs) {
    CpuRecorder recorder({.parameters = step.parameters(), .inputs = inputs, .memory = false});
    for (long i = 0; i < kPairs; ++i) {
      const auto recorded = [&] {
        recorder.start();
        recorder.begin_step();
        const double seconds = seconds_of([&] { step.run(); });
        recorder.end_step();
        recorder.pause();
        return seconds;
      };
      add_pair(
          i % 2 == 0, recorded, [&] { return seconds_of([&] { step.run(); }); }, costs);
    }
    costs.operators = static_cast<double>(steadiness_of(recorder.finish()).operators_per_step);
  }
  return costs;
}

/// What LibTorch itself takes to call anybody at each operator: callbacks that do nothing.
Costs cost_of_callbacks(NarrowStep& step, long pairs) {
  Costs costs;
  for (long i = 0; i < pairs; ++i) {
    const auto called = [&] {
      const at::CallbackHandle handle = at::addGlobalCallback(
          at::RecordFunctionCallback(
              [](const at::RecordFunction&) -> std::unique_ptr<at::ObserverContext> { return nullptr; })
              .scopes({at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION,
                       at::RecordScope::USER_SCOPE}));
      const double seconds = seconds_of([&] { step.run(); });
      at::removeCallback(handle);
      return seconds;
    };
    add_pair(
        i % 2 == 0, called, [&] { return seconds_of([&] { step.run(); }); }, costs);
  }
  return costs;
}

/// The hook is there as long as a recorder is: one for each recorded step.
Costs cost_of_allocations(NarrowStep& step, long pairs) {
  Costs costs;
  for (long i = 0; i < pairs; ++i) {
    const auto recorded = [&] {
      const CpuRecorder recorder({.parameters = step.parameters()});
      return seconds_of([&] { step.run(); });
    };
    add_pair(
        i % 2 == 0, recorded, [&] { return seconds_of([&] { step.run(); }); }, costs);
  }
  return costs;
}

std::string cost_text(double seconds, double operators, double step_seconds) {
  return fmt::format("{:6.1f} us, {:4.0f} ns an operator, {:.3f} % of the step", 1e6 * seconds,
                     1e9 * seconds / operators, 100 * seconds / step_seconds);
}

void print(const std::string& what, const Costs& costs, double operators, double step_seconds) {
  const auto estimate = trainbench::stats::median_interval(costs.differences, 0.95);
  fmt::print("{}, a step of {:.3f} ms (MAD {:.1f} %):\n  median {}\n", what,
             1e3 * *trainbench::stats::median(costs.bare), 100 * *trainbench::stats::relative_mad(costs.bare),
             cost_text(estimate->median, operators, step_seconds));
  if (!estimate->interval) return;
  fmt::print("  from   {}\n  to     {}\n", cost_text(estimate->interval->lower, operators, step_seconds),
             cost_text(estimate->interval->upper, operators, step_seconds));
}

/// Returns the seconds of a bare step of ResNet-18, and prints what operators cover of recorded ones.
double measure_resnet(long batch) {
  constexpr int kSteps = 8;
  ResnetStep step(batch, trainbench::Stem::imagenet);
  for (int i = 0; i < kSteps; ++i) step.run();
  std::vector<double> bare;
  for (int i = 0; i < kSteps; ++i) bare.push_back(seconds_of([&] { step.run(); }));
  CpuRecorder recorder({.parameters = step.parameters()});
  recorder.start();
  for (int i = 0; i < kSteps; ++i) {
    recorder.begin_step();
    step.run(&recorder);
    recorder.end_step();
  }
  const Profile profile = recorder.finish();
  const auto covered = static_cast<double>(covered_ns(host_rows(profile, attribute(profile))));
  const double seconds = *trainbench::stats::median(bare);
  fmt::print("ResNet-18, batch {}: {:.1f} ms a step, {} operators, which cover {:.2f} % of {} steps\n", batch,
             1e3 * seconds, steadiness_of(profile).operators_per_step,
             100 * covered / static_cast<double>(window_of(profile).length()), kSteps);
  return seconds;
}

}  // namespace

int main(int argc, char** argv) {
  const long pairs = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 2000;
  const long batch = argc > 2 ? std::strtol(argv[2], nullptr, 10) : 128;
  at::set_num_threads(1);
  const double step_seconds = measure_resnet(batch);
  NarrowStep narrow;
  for (int i = 0; i < 50; ++i) narrow.run();
  const Costs operators = cost_of_operators(narrow, pairs, true);
  fmt::print("{:.0f} operators without arithmetic, {} pairs, thread CPU time\n", operators.operators, pairs);
  print("operators", operators, operators.operators, step_seconds);
  print("operators without their inputs", cost_of_operators(narrow, pairs, false), operators.operators,
        step_seconds);
  print("callbacks that do nothing", cost_of_callbacks(narrow, pairs), operators.operators, step_seconds);
  print("allocations", cost_of_allocations(narrow, pairs), operators.operators, step_seconds);
  return 0;
}
