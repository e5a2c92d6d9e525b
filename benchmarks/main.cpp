#include <algorithm>
#include <iterator>

#include "benchmarks/experiments.hpp"
#include "fixtures/bench_main.hpp"

int main(int argc, char** argv) {
  std::vector<trainbench::Experiment> experiments = trainbench::cpu_experiments();
  for (auto more : {trainbench::gpu_experiments(), trainbench::overhead_experiments()}) {
    std::move(more.begin(), more.end(), std::back_inserter(experiments));
  }
  return trainbench::bench_main(argc, argv, experiments);
}
