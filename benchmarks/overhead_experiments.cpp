#include "benchmarks/experiments.hpp"
#include "fixtures/training.hpp"

namespace trainbench {

std::vector<Experiment> overhead_experiments() {
  const Axis batch{.name = "batch", .values = {128}};
  const Axis workers{.name = "workers", .values = {0, 1}, .least = 0, .most = 256};
  return {
      {.name = "Loader_CPU",
       .axes = {batch, workers},
       .subject = loading(),
       .threads = 1,
       .warmup_steps = 100,
       .quick_steps = 4000,
       .images_per_second = 300000,
       .has_epochs = false},
      {.name = "Loader_Device",
       .axes = {batch},
       .subject = loading(),
       .device = "cuda",
       .feed = Feed::device,
       .threads = 1,
       .warmup_steps = 100,
       .quick_steps = 10000,
       .images_per_second = 5e6,
       .has_epochs = false},
      {.name = "Harness_NullStep",
       .subject = null_step(),
       .batch = 1,
       .threads = 1,
       .warmup_steps = 1000,
       .quick_steps = 10000,
       .images_per_second = 1e6,
       .has_epochs = false},
  };
}

}  // namespace trainbench
