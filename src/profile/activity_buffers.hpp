#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace trainbench::profile {

struct FreeDeleter {
  void operator()(std::uint8_t* bytes) const noexcept;
};

/// A buffer that CUPTI has filled.
struct ActivityBuffer {
  std::unique_ptr<std::uint8_t[], FreeDeleter> bytes;
  std::size_t valid = 0;
};

/// The memory that CUPTI writes its records to. `request` and `complete` are called by CUPTI on any thread:
/// they throw nothing and call nothing of CUPTI, which may hold the lock that it would take.
class ActivityBuffers {
 public:
  /// At most `most` buffers of `bytes` each are out or wait to be read at a time.
  ActivityBuffers(std::size_t bytes, std::size_t most) : bytes_(bytes), most_(most) {}

  /// A zeroed buffer, aligned to 16 bytes, of `size` bytes; nullptr and 0 at the limit or without memory,
  /// which `refused` counts.
  std::uint8_t* request(std::size_t& size) noexcept;
  /// A buffer comes back with `valid` bytes of records. One that `request` did not give is left alone and
  /// counts as refused.
  void complete(std::uint8_t* buffer, std::size_t valid) noexcept;

  /// The filled buffers so far, in the order in which they came back.
  std::vector<ActivityBuffer> take();
  std::int64_t refused() const { return refused_; }

 private:
  using Bytes = std::unique_ptr<std::uint8_t[], FreeDeleter>;

  const std::size_t bytes_;
  const std::size_t most_;
  std::mutex mutex_;
  std::map<std::uint8_t*, Bytes> out_;
  std::vector<ActivityBuffer> filled_;
  std::atomic<std::int64_t> refused_{0};
};

}  // namespace trainbench::profile
