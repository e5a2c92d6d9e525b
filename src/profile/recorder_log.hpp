#pragma once

#include <ATen/record_function.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "src/profile/memory.hpp"
#include "src/profile/names.hpp"
#include "src/profile/records.hpp"

namespace trainbench::profile {

/// One operator as its thread wrote it down.
struct RawOperator {
  NameId name = kNoName;  // in the log's own table
  Index parent = kNone;   // in the log
  Span time;
  std::int64_t sequence = -1;
  std::uint64_t forward_thread = 0;
  OperatorKind kind = OperatorKind::function;
  std::int32_t layer = -1;   // in the recording's list
  std::int64_t inputs = -1;  // where they stand in the log's `sizes`
  Span output;               // of standard output, in bytes, where that is watched
};

/// Records in pieces of fixed size: growing moves none, so that no operator pays for the ones before it.
class OperatorLog {
 public:
  RawOperator& add() {
    if (count_ == pieces_.size() * kPiece) pieces_.push_back(std::make_unique<Piece>());
    RawOperator& record = (*pieces_.back())[count_ % kPiece];
    ++count_;
    return record;
  }
  RawOperator& at(std::size_t index) { return (*pieces_[index / kPiece])[index % kPiece]; }
  std::size_t size() const { return count_; }

 private:
  static constexpr std::size_t kPiece = 4096;
  using Piece = std::array<RawOperator, kPiece>;
  std::vector<std::unique_ptr<Piece>> pieces_;
  std::size_t count_ = 0;
};

/// LibTorch's names by pointer. One pointer may come to mean another name (those of backward nodes do): the
/// text is compared each time.
class NameCache {
 public:
  NameId id(const char* name);
  const NameTable& table() const { return table_; }

 private:
  struct Slot {
    const char* pointer = nullptr;
    NameId id = kNoName;
  };
  std::array<Slot, 2048> slots_;
  NameTable table_;
};

/// What one thread recorded. Only that thread writes it while `busy` is set; it is read when the recording is
/// over.
struct ThreadLog {
  std::atomic<bool> busy{false};
  std::uint64_t number = 0;         // of all logs of the process, from 1
  std::uint64_t record_thread = 0;  // RecordFunction's number for the thread
  std::int64_t system_id = 0;
  NameCache names;
  OperatorLog operators;
  std::vector<Index> open;
  std::vector<std::int64_t> sizes;
  std::vector<MemoryEvent> memory;
  NameId convolution_backward = kNoName;  // its name in this log, once it was seen
  std::vector<Index> places;              // of its operators in the profile that was made of them
};

/// What all callbacks write to.
struct Recording {
  bool inputs = true;
  int output_descriptor = -1;  // where standard output goes, watched if at least 0
  std::unordered_map<const void*, std::int32_t> layer_of;  // by a parameter's TensorImpl
  std::vector<std::string> layers;
  std::atomic<std::int64_t> faults{0};  // records that could not be written
  std::mutex mutex;                     // of `logs`
  std::vector<std::unique_ptr<ThreadLog>> logs;
};

/// The callbacks of RecordFunction; they write to the active recording.
std::unique_ptr<at::ObserverContext> begin_operator(const at::RecordFunction& function);
void end_operator(const at::RecordFunction& function, at::ObserverContext* context);

/// A recording that is never destroyed: a thread may hold its address at any time. `release` frees what its
/// logs hold, once it is over.
Recording& new_recording();
void release(Recording& recording);

/// Makes a recording the active one, or none with nullptr; then waits until no callback writes to the one
/// before. Throws std::logic_error where another one is active.
void activate(Recording* recording);

/// The calling thread's log of `recording`.
ThreadLog& log_of(Recording& recording);

/// The operator that the calling thread is in, by a number that no other has in this process; 0 where it is
/// in none that the active recording holds. For callbacks inside operators, the driver's for instance.
std::uint64_t innermost_operator() noexcept;

/// Somebody else who keeps a stack of operators: told of each one's begin, by its number, and of its end, on
/// the thread that runs it.
struct OperatorFollower {
  void (*begin)(std::uint64_t operator_number) noexcept;
  void (*end)() noexcept;
};

/// Has operators from now on told to `follower`, or to none with nullptr. To be called outside operators.
void set_follower(const OperatorFollower* follower) noexcept;

/// Where the operator of such a number stands in the profile that was made of its recording; kNone where it
/// is not part of it. To be called when the recording is over.
Index place_in_profile(std::uint64_t operator_number);

}  // namespace trainbench::profile
