#pragma once

#include "src/measure/facts.hpp"

namespace trainbench {

/// The facts that must be equal for two runs to be compared: architecture, processor model and instruction
/// set, cores visible to this process (affinity and cgroup), memory in GiB, NUMA nodes, hypervisor, kernel
/// major.minor, governor, GPU. Nothing in it changes with load, clock or boot. `gpu` is what the driver says
/// of a GPU (asking it is for others): these facts stand before what is read here.
Facts machine_facts(const Facts& gpu = {});

/// Facts that vary and explain noise: load average, host name, clock now. Outside the fingerprint.
Facts noted_facts();

/// Cores that this process may use: the affinity mask, and no more than its cgroup's quota (rounded up).
int usable_cores();

/// The environment variables that change how fast LibTorch trains and that are set, as facts `env.NAME`.
Facts performance_environment();

/// Load average over the last minute; 0 where the system does not tell.
double load_average();

}  // namespace trainbench
