#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace trainbench {

/// What one step does, free of noise.
struct StepCensus {
  std::int64_t operators =
      0;  // calls that LibTorch's dispatcher records, children included, and backward nodes
  std::int64_t allocations = 0;  // tensor allocations of the calling thread on the host
  std::int64_t peak_bytes = 0;   // most that these held above what was live at the start
};

/// Runs `step` once and counts. It is slower than a bare step: never inside a measured window. `parameters`
/// are those whose gradients `step` drops and makes anew; each of these is replaced by a copy before, because
/// the allocator tells of a release only where it told of the allocation: unseen, the last step's gradients
/// raised the peak by a third.
StepCensus count_step(const std::function<void()>& step, const std::vector<at::Tensor>& parameters = {});

}  // namespace trainbench
