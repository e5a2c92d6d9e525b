#pragma once

#include <cstdint>

namespace trainbench {

/// The random numbers of the data layer: pure functions of a key and a counter, integers only, so that every
/// machine, thread and device computes the same ones in any order. SplitMix64 (Steele, Lea, Flood, "Fast
/// splittable pseudorandom number generators", 2014): the n-th output for the state `key`.
constexpr std::uint64_t random_bits(std::uint64_t key, std::uint64_t counter) {
  std::uint64_t z = key + (counter + 1) * 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

/// The key of a sub-stream: random_bits over random_bits, so that neighbouring seeds share nothing.
constexpr std::uint64_t random_key(std::uint64_t seed, std::uint64_t stream) {
  return random_bits(random_bits(seed, 0), stream);
}

/// A number in [0, bound) from the high 32 of `bits`; uneven by less than bound / 2^32.
constexpr std::uint32_t random_below(std::uint64_t bits, std::uint32_t bound) {
  return static_cast<std::uint32_t>(((bits >> 32) * bound) >> 32);
}

}  // namespace trainbench
