#include <algorithm>
#include <numeric>

#include "src/profile/trace.hpp"

namespace trainbench::profile {
namespace {

bool is_continuation(unsigned char c) {
  return (c & 0xC0U) == 0x80U;
}

/// The length of the well-formed character at the start of `text`, or 0 (Unicode 15, table 3-7).
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(byte(i))) return 0;
  }
  const unsigned char second = byte(1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool beyond = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return overlong || beyond ? 0 : length;
}

}  // namespace

std::string mended_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    length == 0 ? result.append("\xEF\xBF\xBD") : result.append(text.substr(0, length));
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

std::vector<int> lanes_of(const std::vector<Span>& slices) {
  std::vector<std::size_t> order(slices.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (slices[a].begin_ns != slices[b].begin_ns) return slices[a].begin_ns < slices[b].begin_ns;
    return slices[a].end_ns > slices[b].end_ns;
  });
  std::vector<std::vector<std::int64_t>> open_ends;  // of each lane, the ends of the slices that are open
  std::vector<int> lanes(slices.size(), 0);
  for (const std::size_t i : order) {
    std::size_t lane = 0;
    for (;; ++lane) {
      if (lane == open_ends.size()) open_ends.emplace_back();
      std::vector<std::int64_t>& ends = open_ends[lane];
      while (!ends.empty() && ends.back() <= slices[i].begin_ns) ends.pop_back();
      if (ends.empty() || ends.back() >= slices[i].end_ns) break;
    }
    open_ends[lane].push_back(slices[i].end_ns);
    lanes[i] = static_cast<int>(lane);
  }
  return lanes;
}

}  // namespace trainbench::profile
