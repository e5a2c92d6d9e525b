#include "src/base/hash.hpp"

#include <fmt/format.h>

namespace trainbench {

void Hash64::update(std::span<const std::uint8_t> bytes) noexcept {
  constexpr std::uint64_t kPrime = 1099511628211ULL;
  for (const std::uint8_t byte : bytes) state_ = (state_ ^ byte) * kPrime;
}

void Hash64::update(std::string_view text) noexcept {
  for (const char c : text) update(std::span(reinterpret_cast<const std::uint8_t*>(&c), 1));
}

std::string Hash64::hex() const {
  return fmt::format("{:016x}", state_);
}

}  // namespace trainbench
