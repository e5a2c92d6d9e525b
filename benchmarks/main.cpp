#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>

#include "benchmarks/experiments.hpp"
#include "fixtures/bench_main.hpp"

int main(int argc, char** argv) {
  std::vector<trainbench::Experiment> experiments = trainbench::cpu_experiments();
  for (auto more : {trainbench::gpu_experiments(), trainbench::overhead_experiments()}) {
    std::move(more.begin(), more.end(), std::back_inserter(experiments));
  }
  const int code = trainbench::bench_main(argc, argv, experiments);
  std::fflush(nullptr);
  // Everything is written. LibTorch's static destructors took 0.11 to 0.13 s more of each process, worker
  // and parent, which a gate of ten pairs pays forty times.
  std::_Exit(code);
}
