#pragma once

#include <chrono>
#include <cstdint>

namespace trainbench::profile {

/// Nanoseconds of the one clock that operators, launches and the GPU's records are timed by.
inline std::int64_t monotonic_ns() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace trainbench::profile
