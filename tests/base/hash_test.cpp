#include "src/base/hash.hpp"

#include <gtest/gtest.h>

#include <array>

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

}  // namespace
}  // namespace trainbench
