#pragma once

#include "src/base/errors.hpp"

namespace trainbench::gpu {

/// What stands in for the GPU's functions in a program that was built without CUDA.
[[noreturn]] inline void refuse_without_cuda() {
  throw EnvironmentError(
      "This program was built without CUDA: build it where nvcc is, with TRAINBENCH_TIER=cuda.");
}

}  // namespace trainbench::gpu
