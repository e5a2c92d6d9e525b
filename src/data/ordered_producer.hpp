#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace trainbench {

/// Items 0, 1, 2, ... without end, made by `num_workers` threads and handed out in that order. At most
/// `depth` items are finished or in the making ahead of the consumer. With no workers, `next` makes the item
/// itself.
template <class Item>
class OrderedProducer {
 public:
  /// Makes item `k`; `worker` (0 .. num_workers - 1, or 0) lets it keep scratch memory of its own.
  using Make = std::function<Item(int worker, std::int64_t k)>;

  OrderedProducer(int num_workers, int depth, Make make)
      : make_(std::move(make)), slots_(static_cast<std::size_t>(depth)) {
    for (int worker = 0; worker < num_workers; ++worker) {
      threads_.emplace_back([this, worker](const std::stop_token& stop) { work(stop, worker); });
    }
  }

  OrderedProducer(const OrderedProducer&) = delete;  // the threads hold `this`
  OrderedProducer& operator=(const OrderedProducer&) = delete;

  /// The next item; waits for it. Rethrows what `make` threw for this item. One consumer at a time.
  Item next() {
    if (threads_.empty()) return make_(0, consumed_++);
    std::unique_lock lock(mutex_);
    Slot& slot = slot_of(consumed_);
    ready_.wait(lock, [&slot] { return slot.item.has_value() || slot.error != nullptr; });
    Slot taken = std::exchange(slot, Slot{});
    ++consumed_;
    lock.unlock();
    room_.notify_one();
    if (taken.error != nullptr) std::rethrow_exception(taken.error);
    return std::move(*taken.item);
  }

 private:
  struct Slot {
    std::optional<Item> item;
    std::exception_ptr error;
  };

  Slot& slot_of(std::int64_t k) { return slots_[static_cast<std::size_t>(k) % slots_.size()]; }

  Slot make_slot(int worker, std::int64_t k) noexcept {
    Slot slot;
    try {
      slot.item.emplace(make_(worker, k));
    } catch (...) {
      slot.error = std::current_exception();
    }
    return slot;
  }

  void work(const std::stop_token& stop, int worker) {
    std::unique_lock lock(mutex_);
    for (;;) {
      const auto depth = static_cast<std::int64_t>(slots_.size());
      if (!room_.wait(lock, stop, [&] { return claimed_ < consumed_ + depth; }) || stop.stop_requested())
        return;
      const std::int64_t k = claimed_++;
      lock.unlock();
      Slot made = make_slot(worker, k);
      lock.lock();
      slot_of(k) = std::move(made);
      ready_.notify_one();
    }
  }

  Make make_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::condition_variable_any room_;  // wakes on a stop request too
  std::vector<Slot> slots_;
  std::int64_t claimed_ = 0;   // first item that no worker has taken on
  std::int64_t consumed_ = 0;  // first item that the consumer has not taken
  // Last: stopped and joined before anything that they use goes; each ends after the item that it is making.
  std::vector<std::jthread> threads_;
};

}  // namespace trainbench
