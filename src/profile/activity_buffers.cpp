#include "src/profile/activity_buffers.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

namespace trainbench::profile {

void FreeDeleter::operator()(std::uint8_t* bytes) const noexcept {
  std::free(bytes);
}

std::uint8_t* ActivityBuffers::request(std::size_t& size) noexcept {
  size = 0;
  try {
    const std::lock_guard lock(mutex_);
    if (out_.size() + filled_.size() < most_) {
      // calloc maps pages that are zero already, where a vector would write each.
      Bytes bytes(static_cast<std::uint8_t*>(std::calloc(bytes_, 1)));
      std::uint8_t* const given = bytes.get();
      if (given != nullptr) {
        out_.emplace(given, std::move(bytes));
        size = bytes_;
        return given;
      }
    }
  } catch (const std::exception&) {
    // Out of memory: as where calloc finds none.
  }
  ++refused_;
  return nullptr;
}

void ActivityBuffers::complete(std::uint8_t* buffer, std::size_t valid) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    const auto found = out_.find(buffer);
    if (found != out_.end()) {
      if (valid > 0) filled_.push_back({.bytes = std::move(found->second), .valid = std::min(valid, bytes_)});
      out_.erase(found);
      return;
    }
  } catch (const std::exception&) {
    // Its records are lost, and counted.
  }
  ++refused_;
}

std::vector<ActivityBuffer> ActivityBuffers::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(filled_, {});
}

}  // namespace trainbench::profile
