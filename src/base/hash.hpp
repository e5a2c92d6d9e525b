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
  std::uint64_t value() const noexcept { return state_; }
  /// 16 lower-case hexadecimal digits.
  std::string hex() const;

 private:
  std::uint64_t state_ = 14695981039346656037ULL;
};

}  // namespace trainbench
