#pragma once

#include <bit>
#include <cstdint>

namespace trainbench::stats {

/// A double as an integer of the same order, so that bisection over integers ends at an exact double.
inline std::int64_t ordered_bits(double value) {
  const auto bits = std::bit_cast<std::int64_t>(value);
  return bits >= 0 ? bits : std::int64_t{-0x7fffffffffffffff} - 1 - bits;
}

inline double from_ordered_bits(std::int64_t ordered) {
  return std::bit_cast<double>(ordered >= 0 ? ordered : std::int64_t{-0x7fffffffffffffff} - 1 - ordered);
}

/// The smallest double in [low, high] for which `holds` is true, where it is false up to some value and true
/// from there on, and true at `high`: at most 64 calls.
template <typename Predicate>
double smallest_double(double low, double high, Predicate holds) {
  std::int64_t below = ordered_bits(low);
  std::int64_t above = ordered_bits(high);
  while (below < above) {
    const std::int64_t middle = (below >> 1) + (above >> 1) + (below & above & 1);
    if (holds(from_ordered_bits(middle))) {
      above = middle;
    } else {
      below = middle + 1;
    }
  }
  return from_ordered_bits(below);
}

}  // namespace trainbench::stats
