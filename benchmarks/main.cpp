#include "benchmarks/experiments.hpp"
#include "fixtures/bench_main.hpp"

int main(int argc, char** argv) {
  std::vector<trainbench::Experiment> experiments = trainbench::cpu_experiments();
  for (trainbench::Experiment& experiment : trainbench::overhead_experiments()) {
    experiments.push_back(std::move(experiment));
  }
  return trainbench::bench_main(argc, argv, experiments);
}
