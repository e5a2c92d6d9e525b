#pragma once

#include <vector>

#include "fixtures/experiment.hpp"

namespace trainbench {

/// The study's experiments on the CPU and the time to a given accuracy.
std::vector<Experiment> cpu_experiments();

/// The study's experiments on the GPU, the time to a given accuracy there, and the ladder of step forms.
std::vector<Experiment> gpu_experiments();

/// What the suite itself costs: the loader alone, the measuring loop alone.
std::vector<Experiment> overhead_experiments();

}  // namespace trainbench
