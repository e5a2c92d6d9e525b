#include "src/base/hash.hpp"

#include <fmt/format.h>

#include <bit>
#include <cstring>

namespace trainbench {
namespace {

constexpr std::uint64_t kPrime = 1099511628211ULL;

}  // namespace

void Hash64::update(std::span<const std::uint8_t> bytes) noexcept {
  for (const std::uint8_t byte : bytes) state_ = (state_ ^ byte) * kPrime;
}

void Hash64::update_words(std::span<const std::uint8_t> bytes) noexcept {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t word = 0;
  for (; bytes.size() >= sizeof word; bytes = bytes.subspan(sizeof word)) {
    std::memcpy(&word, bytes.data(), sizeof word);
    state_ = (state_ ^ word) * kPrime;
    state_ ^= state_ >> 32;
  }
  update(bytes);
}

void Hash64::update(std::string_view text) noexcept {
  for (const char c : text) update(std::span(reinterpret_cast<const std::uint8_t*>(&c), 1));
}

std::string Hash64::hex() const {
  return fmt::format("{:016x}", state_);
}

}  // namespace trainbench
