#include "src/base/hash.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace trainbench {
namespace {

TEST(Hash64, IsFnv1a) {
  EXPECT_EQ(Hash64().hex(), "cbf29ce484222325");
  Hash64 hash;
  hash.update("foobar");
  EXPECT_EQ(hash.hex(), "85944171f73967e8");  // from the published test vectors
}

TEST(Hash64, TakesWordsInLittleEndianOrderAndTheRestByByte) {
  Hash64 words;
  words.update_words(std::vector<std::uint8_t>{1, 0, 0, 0, 0, 0, 0, 0, 'x'});
  std::uint64_t state = (14695981039346656037ULL ^ 1ULL) * 1099511628211ULL;
  state ^= state >> 32;
  EXPECT_EQ(words.value(), (state ^ 'x') * 1099511628211ULL);
}

TEST(Hash64, OfWordsNoticesEachBitOfEachByte) {
  std::vector<std::uint8_t> bytes(24, 7);
  Hash64 before;
  before.update_words(bytes);
  for (std::uint8_t& byte : bytes) {
    for (int bit = 0; bit < 8; ++bit) {
      byte = static_cast<std::uint8_t>(byte ^ (1U << bit));
      Hash64 after;
      after.update_words(bytes);
      EXPECT_NE(after.value(), before.value());
      byte = static_cast<std::uint8_t>(byte ^ (1U << bit));
    }
  }
}

}  // namespace
}  // namespace trainbench
