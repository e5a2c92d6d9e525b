#include "src/profile/activity_buffers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace trainbench::profile {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr std::size_t kBytes = 4096;

std::uint8_t* requested(ActivityBuffers& buffers) {
  std::size_t size = 1;
  std::uint8_t* const buffer = buffers.request(size);
  EXPECT_EQ(size, buffer == nullptr ? 0 : kBytes);
  return buffer;
}

TEST(ActivityBuffers, HandsOutZeroedAlignedMemory) {
  ActivityBuffers buffers(kBytes, 4);
  for (int i = 0; i < 4; ++i) {
    std::uint8_t* const buffer = requested(buffers);
    ASSERT_NE(buffer, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer) % 16, 0U);
    EXPECT_TRUE(std::all_of(buffer, buffer + kBytes, [](std::uint8_t byte) { return byte == 0; }));
  }
  EXPECT_EQ(buffers.refused(), 0);
}

TEST(ActivityBuffers, RefusesAboveTheLimitCountsItAndGoesOnOnceOneWasRead) {
  ActivityBuffers buffers(kBytes, 2);
  std::uint8_t* const first = requested(buffers);
  EXPECT_NE(requested(buffers), nullptr);
  EXPECT_EQ(requested(buffers), nullptr);
  buffers.complete(first, 100);
  EXPECT_EQ(requested(buffers), nullptr) << "the first one waits to be read";
  EXPECT_EQ(buffers.refused(), 2);
  EXPECT_THAT(buffers.take(), SizeIs(1));
  EXPECT_NE(requested(buffers), nullptr);
}

TEST(ActivityBuffers, GivesBackWhatWasFilledInTheOrderItCame) {
  ActivityBuffers buffers(kBytes, 3);
  std::uint8_t* const a = requested(buffers);
  std::uint8_t* const b = requested(buffers);
  a[0] = 1;
  b[0] = 2;
  buffers.complete(b, 8);
  buffers.complete(a, 16);
  const std::vector<ActivityBuffer> filled = buffers.take();
  ASSERT_THAT(filled, SizeIs(2));
  EXPECT_EQ(filled[0].bytes[0], 2);
  EXPECT_EQ(filled[0].valid, 8U);
  EXPECT_EQ(filled[1].bytes[0], 1);
  EXPECT_THAT(buffers.take(), IsEmpty());
}

TEST(ActivityBuffers, AnEmptyBufferIsFreedAndMakesRoom) {
  ActivityBuffers buffers(kBytes, 1);
  buffers.complete(requested(buffers), 0);
  EXPECT_THAT(buffers.take(), IsEmpty());
  EXPECT_NE(requested(buffers), nullptr);
}

TEST(ActivityBuffers, LeavesAStrangersBufferAloneAndReadsNoMoreThanItGave) {
  ActivityBuffers buffers(kBytes, 1);
  std::uint8_t strangers[8] = {};
  buffers.complete(strangers, 8);
  EXPECT_EQ(buffers.refused(), 1);
  std::uint8_t* const own = requested(buffers);
  buffers.complete(own, kBytes + 1);
  buffers.complete(own, 8);
  EXPECT_EQ(buffers.refused(), 2) << "it came back twice";
  const std::vector<ActivityBuffer> filled = buffers.take();
  ASSERT_THAT(filled, SizeIs(1));
  EXPECT_EQ(filled[0].valid, kBytes);
}

TEST(ActivityBuffers, ServesThreadsAtOnce) {
  ActivityBuffers buffers(kBytes, 2000);
  const auto work = [&] {
    for (int i = 0; i < 500; ++i) buffers.complete(requested(buffers), 8);
  };
  std::thread other(work);
  work();
  other.join();
  EXPECT_THAT(buffers.take(), SizeIs(1000));
  EXPECT_EQ(buffers.refused(), 0);
}

}  // namespace
}  // namespace trainbench::profile
