#include "src/base/hash.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace trainbench {
namespace {

TEST(Hash64, MeetsThePublishedValuesOfFnv1a) {
  EXPECT_EQ(Hash64().hex(), "cbf29ce484222325");
  Hash64 a;
  a.update("a");
  EXPECT_EQ(a.hex(), "af63dc4c8601ec8c");
  Hash64 foobar;
  foobar.update("foobar");
  EXPECT_EQ(foobar.hex(), "85944171f73967e8");
}

TEST(Hash64, DoesNotDependOnThePiecesItIsFed) {
  Hash64 whole;
  whole.update("foobar");
  Hash64 pieces;
  pieces.update("foo");
  pieces.update("");
  pieces.update("bar");
  EXPECT_EQ(whole.value(), pieces.value());
}

TEST(Hash64, TakesBytesAndTextAlike) {
  const std::array<std::uint8_t, 2> bytes = {0xff, 0x00};
  Hash64 from_bytes;
  from_bytes.update(bytes);
  Hash64 from_text;
  from_text.update(std::string_view("\xff\0", 2));
  EXPECT_EQ(from_bytes.hex(), from_text.hex());
  EXPECT_EQ(from_bytes.hex().size(), 16U);
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
