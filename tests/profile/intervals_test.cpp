#include "src/profile/intervals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "tests/profile/small_profile.hpp"

namespace trainbench::profile {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::size_t kTicks = 64;
/// How many spans run in each nanosecond.
using Bitmap = std::array<int, kTicks>;

Bitmap bitmap_of(const std::vector<Span>& spans) {
  Bitmap map{};
  for (const Span& span : spans) {
    for (std::int64_t t = span.begin_ns; t < span.end_ns; ++t) ++map[static_cast<std::size_t>(t)];
  }
  return map;
}

template <class Predicate>
Intervals intervals_where(Predicate predicate) {
  Intervals result;
  for (std::size_t t = 0; t < kTicks; ++t) {
    const auto time = static_cast<std::int64_t>(t);
    if (!predicate(t)) continue;
    if (!result.empty() && result.back().end_ns == time) {
      ++result.back().end_ns;
    } else {
      result.push_back({time, time + 1});
    }
  }
  return result;
}

std::vector<Span> random_spans(Numbers& numbers) {
  std::vector<Span> spans(static_cast<std::size_t>(numbers.below(9)));
  for (Span& span : spans) {
    span.begin_ns = numbers.below(kTicks);
    span.end_ns = span.begin_ns + numbers.below(static_cast<std::int64_t>(kTicks) - span.begin_ns + 1);
  }
  return spans;
}

TEST(Intervals, AgreeWithABitmapOfEveryNanosecond) {
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    Numbers numbers(seed);
    const std::vector<Span> a = random_spans(numbers);
    const std::vector<Span> b = random_spans(numbers);
    const Bitmap in_a = bitmap_of(a);
    const Bitmap in_b = bitmap_of(b);
    const Intervals union_a = union_of(a);
    const Intervals union_b = union_of(b);
    ASSERT_EQ(union_a, intervals_where([&](std::size_t t) { return in_a[t] > 0; })) << seed;
    ASSERT_EQ(overlap_of(a), intervals_where([&](std::size_t t) { return in_a[t] > 1; })) << seed;
    ASSERT_EQ(intersection(union_a, union_b),
              intervals_where([&](std::size_t t) { return in_a[t] > 0 && in_b[t] > 0; }))
        << seed;
    ASSERT_EQ(difference(union_a, union_b),
              intervals_where([&](std::size_t t) { return in_a[t] > 0 && in_b[t] == 0; }))
        << seed;
    const Span window{numbers.below(30), 30 + numbers.below(30)};
    const auto in_window = [&](std::size_t t) {
      const auto time = static_cast<std::int64_t>(t);
      return time >= window.begin_ns && time < window.end_ns;
    };
    ASSERT_EQ(gaps(union_a, window),
              intervals_where([&](std::size_t t) { return in_a[t] == 0 && in_window(t); }))
        << seed;
  }
}

TEST(Intervals, OfEmptyAndBackwardSpansAreNothing) {
  EXPECT_THAT(union_of({{5, 5}, {7, 3}}), IsEmpty());
  EXPECT_THAT(union_of({}), IsEmpty());
}

TEST(Intervals, ThatTouchAreOne) {
  EXPECT_THAT(union_of({{5, 9}, {0, 5}}), ElementsAre(Span{0, 9}));
  EXPECT_THAT(overlap_of({{5, 9}, {0, 5}}), IsEmpty());
}

TEST(Clipped, KeepsWhatIsInsideAndIsEmptyOutside) {
  EXPECT_EQ(clipped({0, 10}, {3, 7}), (Span{3, 7}));
  EXPECT_EQ(clipped({4, 6}, {3, 7}), (Span{4, 6}));
  EXPECT_EQ(clipped({8, 9}, {3, 7}).length(), 0);
  EXPECT_EQ(clipped({0, 2}, {3, 7}).length(), 0);
}

}  // namespace
}  // namespace trainbench::profile
