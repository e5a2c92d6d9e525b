#pragma once

#include <cstdint>
#include <functional>

namespace trainbench {

/// What one step does, free of noise.
struct StepCensus {
  std::int64_t operators =
      0;  // calls that LibTorch's dispatcher records, children included, and backward nodes
  std::int64_t allocations = 0;  // tensor allocations of the calling thread on the host
  std::int64_t peak_bytes = 0;   // most that these held above what was live at the start
};

/// Runs `step` twice and counts the second time. It is much slower than a bare step: never inside a measured
/// window.
StepCensus count_step(const std::function<void()>& step);

}  // namespace trainbench
