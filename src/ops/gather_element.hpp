#pragma once

#include <cstdint>

namespace trainbench::gather {

// One element of a gathered batch. The CPU and the kernel compile these same functions (nvcc by
// --expt-relaxed-constexpr), so that tests of the one are tests of the other.

inline constexpr int kSide = 32;
inline constexpr int kChannels = 3;
inline constexpr int kPlane = kSide * kSide;
inline constexpr int kImage = kChannels * kPlane;
inline constexpr int kPadding = 4;
inline constexpr int kOffsets = 2 * kPadding + 1;  // places of the window in each direction
inline constexpr std::int64_t kMaxImages = std::int64_t{1} << 23;

/// Which image, where its window of 32x32 lies in the image padded to 40x40, and whether it is mirrored.
struct Pick {
  std::int32_t image;
  std::int32_t dx;  // 0..8; 4 is the image itself
  std::int32_t dy;
  bool flip;
};

/// The form in which picks lie on the device (gather_batch.hpp). `image` is below kMaxImages.
constexpr std::int32_t packed(const Pick& pick) {
  return pick.image << 8 | (kOffsets * pick.dy + pick.dx) << 1 | (pick.flip ? 1 : 0);
}

constexpr Pick unpacked(std::int32_t packed_pick) {
  const std::int32_t window = packed_pick >> 1 & 127;
  return {packed_pick >> 8, window % kOffsets, window / kOffsets, (packed_pick & 1) != 0};
}

/// How the elements of an image lie in memory.
enum class Layout { contiguous, channels_last };

struct Place {
  int channel;
  int y;
  int x;
};

/// Where in the image element `element` (0..kImage - 1, in the order of memory) stands.
template <Layout kLayout>
constexpr Place place_of(int element) {
  if constexpr (kLayout == Layout::contiguous) {
    return {element / kPlane, element / kSide % kSide, element % kSide};
  } else {
    const int pixel = element / kChannels;
    return {element % kChannels, pixel / kSide, pixel % kSide};
  }
}

/// The byte that `pick` shows at `place`: 0 in the padding. `pixels` are the three planes of its image.
constexpr std::uint8_t byte_at(const std::uint8_t* pixels, const Pick& pick, const Place& place) {
  const int y = place.y + pick.dy - kPadding;
  const int x = (pick.flip ? kSide - 1 - place.x : place.x) + pick.dx - kPadding;
  const bool inside = y >= 0 && y < kSide && x >= 0 && x < kSide;
  return inside ? pixels[place.channel * kPlane + y * kSide + x] : std::uint8_t{0};
}

/// src/data/batch_writer.hpp has these numbers too, which this layer may not see; a test compares.
/// By conditions, since device code cannot index a constexpr array of the host.
constexpr float mean_of(int channel) {
  return channel == 0 ? 0.4914F : channel == 1 ? 0.4822F : 0.4465F;
}

constexpr float deviation_of(int channel) {
  return channel == 0 ? 0.2470F : channel == 1 ? 0.2435F : 0.2616F;
}

/// (byte / 255 - mean) / deviation in float32. There is no product that a compiler could contract with the
/// subtraction, and both compilers round divisions as IEEE 754 says: host and device give the same bits.
constexpr float normalised(std::uint8_t byte, int channel) {
  return (static_cast<float>(byte) / 255.0F - mean_of(channel)) / deviation_of(channel);
}

}  // namespace trainbench::gather
