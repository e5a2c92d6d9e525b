#include <algorithm>
#include "benchmarks/experiments.hpp"

#include "fixtures/training.hpp"
#include "src/measure/environment.hpp"

namespace trainbench {

std::vector<Experiment> cpu_experiments() {
  const std::int64_t cores = usable_cores();
  const Axis batch{.name = "batch", .values = {128}};
  const Axis threads{.name = "threads", .values = {cores}};
  const Axis workers{.name = "workers", .values = {1}, .least = 0};
  return {
      {.name = "Exp1_CPU_1T", .axes = {batch}, .subject = resnet18_training(), .threads = 1},
      {.name = "Exp2_CPU_NT",
       .axes = {batch, threads, workers},
       .subject = resnet18_training(),
       .quick_steps = 12 * std::min<std::int64_t>(cores, 8)},
      {.name = "TimeToAccuracy_CPU",
       .axes = {{.name = "percent", .values = {60}}},
       .subject = resnet18_training(),
       .only_full = true,
       .spans_per_epoch = 4},
  };
}

}  // namespace trainbench
