#include <algorithm>
#include "benchmarks/experiments.hpp"

#include "fixtures/training.hpp"
#include "src/measure/environment.hpp"

namespace trainbench {

std::vector<Experiment> cpu_experiments() {
  const std::int64_t cores = usable_cores();
  // Batch normalisation over one image's 1x1 map has nothing to normalise: from 2.
  const Axis batch{.name = "batch", .values = {128}, .least = 2};
  // More threads than cores wait for each other in OpenMP's spinning barriers: 9,999 on 2 cores never ended.
  const Axis threads{.name = "threads", .values = {cores}, .most = cores};
  const Axis workers{.name = "workers", .values = {1}, .least = 0, .most = 256};
  return {
      {.name = "Exp1_CPU_1T", .axes = {batch}, .subject = resnet18_training(), .threads = 1},
      {.name = "Exp2_CPU_NT",
       .axes = {batch, threads, workers},
       .subject = resnet18_training(),
       .quick_steps = 12 * std::min<std::int64_t>(cores, 8)},
      {.name = "TimeToAccuracy_CPU",
       .axes = {{.name = "percent", .values = {60}, .most = 99}},
       .subject = resnet18_training(),
       .warmup_steps = 0,  // they would train unpaid
       .only_full = true,
       .only_whole_set = true,
       .spans_per_epoch = 4},
  };
}

}  // namespace trainbench
