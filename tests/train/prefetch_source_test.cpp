#include "src/train/prefetch_source.hpp"

#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace trainbench {
namespace {

using testing::ElementsAre;

using Log = std::shared_ptr<std::vector<std::string>>;

std::string number_of(const Batch& batch) {
  return std::to_string(batch.labels.item<std::int64_t>());
}

/// Batch k is the number k; batch `failing` is an exception.
BatchSource numbered(const Log& log, std::int64_t failing = -1) {
  const auto count = std::make_shared<std::int64_t>(0);
  return {
      .next =
          [log, count, failing] {
            const std::int64_t k = (*count)++;
            log->push_back("make " + std::to_string(k));
            if (k == failing) throw std::runtime_error("the disk is gone");
            return Batch{.images = at::full({1}, k), .labels = at::full({1}, k)};
          },
      .test_batch = [](std::int64_t begin, std::int64_t) { return Batch{.images = at::full({1}, begin)}; },
      .batch_size = 1,
      .batches_per_epoch = 7,
      .test_images = 3,
      .facts = {{"data_set", "numbers"}}};
}

BatchCopier logged_copier(const Log& log) {
  const auto pending = std::make_shared<Batch>();
  return {.start =
              [log, pending](const Batch& batch) {
                log->push_back("start " + number_of(batch));
                *pending = batch;
              },
          .take =
              [log, pending] {
                log->push_back("take " + number_of(*pending));
                return *pending;
              }};
}

TEST(PrefetchSource, OnTheCpuIsTheHostsSource) {
  const auto log = std::make_shared<std::vector<std::string>>();
  const BatchSource source = prefetch_source(numbered(log), at::kCPU);
  EXPECT_EQ(number_of(source.next()), "0");
  EXPECT_THAT(*log, ElementsAre("make 0"));  // nothing is made ahead
  EXPECT_FALSE(source.prepare);
}

TEST(PrefetchSource, StartsTheNextCopyBeforeItHandsABatchOut) {
  const auto log = std::make_shared<std::vector<std::string>>();
  const BatchSource source = prefetch_through(numbered(log), logged_copier(log));
  EXPECT_EQ(number_of(source.next()), "0");
  EXPECT_THAT(*log, ElementsAre("make 0", "start 0", "take 0", "make 1", "start 1"));
  log->clear();
  EXPECT_EQ(number_of(source.next()), "1");
  EXPECT_THAT(*log, ElementsAre("take 1", "make 2", "start 2"));
}

TEST(PrefetchSource, CopiesOfASourceShareOneStream) {
  const auto log = std::make_shared<std::vector<std::string>>();
  const BatchSource source = prefetch_through(numbered(log), logged_copier(log));
  const BatchSource copy = source;
  for (int k = 0; k < 6; ++k) {
    EXPECT_EQ(number_of(k % 2 == 0 ? source.next() : copy.next()), std::to_string(k));
  }
}

TEST(PrefetchSource, HandsOnWhatTheHostThrows) {
  const auto log = std::make_shared<std::vector<std::string>>();
  const BatchSource source = prefetch_through(numbered(log, 2), logged_copier(log));
  EXPECT_EQ(number_of(source.next()), "0");
  EXPECT_THROW(source.next(), std::runtime_error);
  EXPECT_EQ(number_of(source.next()), "3");
}

TEST(PrefetchSource, PassesFactsAndTestBatchesThrough) {
  const auto log = std::make_shared<std::vector<std::string>>();
  const BatchSource source = prefetch_through(numbered(log), logged_copier(log));
  EXPECT_EQ(source.facts.at("data_set"), "numbers");
  EXPECT_EQ(source.batch_size, 1);
  EXPECT_EQ(source.batches_per_epoch, 7);
  EXPECT_EQ(source.test_images, 3);
  EXPECT_EQ(source.test_batch(2, 1).images.item<std::int64_t>(), 2);
}

}  // namespace
}  // namespace trainbench
