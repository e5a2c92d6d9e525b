#include "src/data/ordered_producer.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <set>
#include <stdexcept>

namespace trainbench {
namespace {

TEST(OrderedProducer, HandsItemsOutInOrderForAnyNumberOfWorkersAndDepth) {
  for (const int workers : {0, 1, 2, 5}) {
    for (const int depth : {1, 2, 7}) {
      OrderedProducer<std::int64_t> items(workers, depth, [](int, std::int64_t k) {
        if (k % 3 == 0) std::this_thread::yield();  // so that later items may be finished first
        return k * k;
      });
      for (std::int64_t k = 0; k < 500; ++k)
        ASSERT_EQ(items.next(), k * k) << workers << " workers, depth " << depth;
    }
  }
}

TEST(OrderedProducer, MakesEachItemOnce) {
  std::mutex mutex;
  std::multiset<std::int64_t> made;
  OrderedProducer<std::int64_t> items(5, 3, [&](int, std::int64_t k) {
    const std::lock_guard lock(mutex);
    made.insert(k);
    return k;
  });
  for (int k = 0; k < 100; ++k) items.next();
  const std::lock_guard lock(mutex);
  for (std::int64_t k = 0; k < 100; ++k) EXPECT_EQ(made.count(k), 1U);
}

TEST(OrderedProducer, NeverRunsFurtherAheadThanItsDepth) {
  std::atomic<std::int64_t> consumed = 0;
  std::atomic<std::int64_t> furthest = 0;
  OrderedProducer<std::int64_t> items(3, 4, [&](int, std::int64_t k) {
    const std::int64_t ahead = k - consumed;
    std::int64_t seen = furthest;
    while (ahead > seen && !furthest.compare_exchange_weak(seen, ahead)) {
    }
    return k;
  });
  for (int k = 0; k < 300; ++k) {
    items.next();
    ++consumed;
  }
  // Four ahead of the item handed out last, plus the one that `next` has taken and `consumed` does not count
  // yet.
  EXPECT_LE(furthest, 4);
}

TEST(OrderedProducer, EndsCleanlyWhileItsQueueIsFull) {
  std::atomic<int> made = 0;
  {
    OrderedProducer<int> items(2, 3, [&](int, std::int64_t) { return ++made; });
    while (made < 3) std::this_thread::yield();
  }
  EXPECT_EQ(made, 3);
}

TEST(OrderedProducer, EndsCleanlyBeforeAnythingWasTaken) {
  for (int round = 0; round < 200; ++round) OrderedProducer<int>(4, 2, [](int, std::int64_t) { return 1; });
}

TEST(OrderedProducer, RethrowsInItsPlaceWhatTheMakerThrew) {
  for (const int workers : {0, 2}) {
    OrderedProducer<std::int64_t> items(workers, 4, [](int, std::int64_t k) {
      if (k == 2) throw std::runtime_error("item 2 is broken");
      return k;
    });
    EXPECT_EQ(items.next(), 0);
    EXPECT_EQ(items.next(), 1);
    try {
      items.next();
      FAIL() << "nothing was thrown with " << workers << " workers";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "item 2 is broken");
    }
    EXPECT_EQ(items.next(), 3);
  }
}

TEST(OrderedProducer, TellsTheMakerWhichWorkerItIs) {
  std::mutex mutex;
  std::set<int> workers;
  OrderedProducer<int> items(3, 6, [&](int worker, std::int64_t) {
    const std::lock_guard lock(mutex);
    workers.insert(worker);
    return worker;
  });
  for (int k = 0; k < 200; ++k) items.next();
  const std::lock_guard lock(mutex);
  EXPECT_GE(*workers.begin(), 0);
  EXPECT_LE(*workers.rbegin(), 2);
}

TEST(OrderedProducer, CarriesItemsThatOnlyMove) {
  OrderedProducer<std::unique_ptr<std::int64_t>> items(
      2, 2, [](int, std::int64_t k) { return std::make_unique<std::int64_t>(k); });
  EXPECT_EQ(*items.next(), 0);
  EXPECT_EQ(*items.next(), 1);
}

}  // namespace
}  // namespace trainbench
