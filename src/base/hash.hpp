#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace trainbench {

/// 64-bit FNV-1a (Fowler, Noll, Vo; offset basis 14695981039346656037, prime 1099511628211), fed in pieces.
/// Tells results of different data or settings apart; it is no protection against malice.
class Hash64 {
 public:
  void update(std::span<const std::uint8_t> bytes) noexcept;
  void update(std::string_view text) noexcept;
  /// The same for bulk data, eight bytes (little-endian) a step instead of one: state = (state ^ word) *
  /// prime, then state ^= state >> 32, because a product carries nothing down from the word's high bytes. The
  /// bytes after the last whole word go through `update`. Its values differ from those of `update`.
  void update_words(std::span<const std::uint8_t> bytes) noexcept;
  std::uint64_t value() const noexcept { return state_; }
  /// 16 lower-case hexadecimal digits.
  std::string hex() const;

 private:
  std::uint64_t state_ = 14695981039346656037ULL;
};

}  // namespace trainbench
