#pragma once

#include <cstdint>

#include "src/measure/facts.hpp"

namespace trainbench {

/// Seeds LibTorch's default generators: without it C++ starts from a random seed in every process.
void seed_torch(std::uint64_t seed);

/// Threads inside an operator; one thread between operators. Call it before the first operator: the latter
/// can be set once in a process, and a second call leaves it.
void set_torch_threads(int threads);

/// LibTorch's version, instruction set, thread pools and float32 precision, as they are now in this process.
Facts torch_facts();

}  // namespace trainbench
