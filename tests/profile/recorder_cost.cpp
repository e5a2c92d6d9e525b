// What recording costs a training step: steps with and without the recorder in turns, in one process.
//
// Usage: recorder_cost [PAIRS [BATCH]]
//
// Prints the median step of each kind, the median of the differences within the pairs per step and per
// operator, and how much of the recorded steps operators cover.
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <vector>

#include "src/profile/attribution.hpp"
#include "src/profile/closure.hpp"
#include "src/stats/summary.hpp"
#include "tests/profile/resnet_step.hpp"

namespace {

using namespace trainbench::profile;  // NOLINT: a program of one file

double seconds_of(ResnetStep& step, CpuRecorder* recorder) {
  const auto begin = std::chrono::steady_clock::now();
  if (recorder != nullptr) recorder->begin_step();
  step.run(recorder);
  if (recorder != nullptr) recorder->end_step();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

int main(int argc, char** argv) {
  const long pairs = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 20;
  const long batch = argc > 2 ? std::strtol(argv[2], nullptr, 10) : 128;
  at::set_num_threads(1);
  ResnetStep step(batch, trainbench::Stem::imagenet);
  for (int i = 0; i < 3; ++i) step.run();
  CpuRecorder recorder({.parameters = step.parameters()});
  std::vector<double> bare;
  std::vector<double> recorded;
  std::vector<double> differences;
  for (long i = 0; i < pairs; ++i) {
    // The first of a pair changes, so that a drift of the machine cancels.
    for (const bool with : {i % 2 == 0, i % 2 != 0}) {
      if (with) recorder.start();
      (with ? recorded : bare).push_back(seconds_of(step, with ? &recorder : nullptr));
      recorder.pause();
    }
    differences.push_back(recorded.back() - bare.back());
  }
  const Profile profile = recorder.finish();
  const std::vector<HostRow> rows = host_rows(profile, attribute(profile));
  std::int64_t in_steps = 0;
  for (const Span& span : profile.steps) in_steps += span.length();
  const auto operators = static_cast<double>(steadiness_of(profile).operators_per_step);
  const double cost = *trainbench::stats::median(differences);
  const double step_seconds = *trainbench::stats::median(bare);
  fmt::print(
      "batch {}, {} pairs\nbare step      {:.3f} ms (MAD {:.3f} %)\nrecorded step  {:.3f} ms\ncost           "
      "{:.3f} "
      "ms, {:.3f} % of the step, {:.0f} ns for each of {:.0f} operators\ncovered        {:.2f} % of the "
      "recorded "
      "steps\n",
      batch, pairs, 1e3 * step_seconds, 100 * *trainbench::stats::relative_mad(bare),
      1e3 * *trainbench::stats::median(recorded), 1e3 * cost, 100 * cost / step_seconds,
      1e9 * cost / operators, operators,
      100 * static_cast<double>(covered_ns(rows)) / static_cast<double>(in_steps));
  return 0;
}
