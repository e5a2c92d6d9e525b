#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/measure/facts.hpp"
#include "src/profile/names.hpp"

/// What was recorded of some training steps, as plain values. Times are nanoseconds of one monotonic clock.
/// An index points into the vector of its kind; kNone is "none".
namespace trainbench::profile {

using Index = std::int32_t;
inline constexpr Index kNone = -1;
/// For use as a vector's subscript; kNone is none.
inline std::size_t at(Index index) {
  return static_cast<std::size_t>(index);
}

struct Span {
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;

  std::int64_t length() const { return end_ns - begin_ns; }
  bool operator==(const Span&) const = default;
};

/// The part of a training step. The trainer's phases, and `none` for what lies in none of them.
enum class StepPhase : std::uint8_t { none, load, forward, loss, backward, optimizer };
inline constexpr std::array kStepPhases = {StepPhase::load,     StepPhase::forward,   StepPhase::loss,
                                           StepPhase::backward, StepPhase::optimizer, StepPhase::none};

/// "load", "forward", "loss", "backward", "optimizer"; "none" for none.
std::string_view to_string(StepPhase phase) noexcept;

struct PhaseRecord {
  StepPhase phase = StepPhase::none;
  Span time;
};

enum class OperatorKind : std::uint8_t {
  function,  ///< an operator, or the engine's wrapper around a backward node
  backward,  ///< a node of the backward graph
  scope,     ///< a user's scope: names a layer
};

/// One call of an operator on the host. Parents stand before their children.
struct OperatorRecord {
  NameId name = kNoName;
  Index parent = kNone;  // the caller, on the same thread
  Index thread = 0;
  Span time;
  /// Of a backward node: the number that its forward operator had. Of a forward operator: the number that the
  /// next backward node will get, so that several operators in a row share it. -1 where there is none.
  std::int64_t sequence = -1;
  Index forward_thread = kNone;  // of a backward node
  OperatorKind kind = OperatorKind::function;
  NameId layer = kNoName;           // of an operator that takes a layer's parameter: that layer
  NameId inputs = kNoName;          // "float32[128,3,32,32] float32[64,3,3,3]": its tensors
  NameId implementation = kNoName;  // what the library ran inside it, where it told: "jit:avx512_core"
};

/// The host's call that hands work to the device.
struct LaunchRecord {
  NameId api = kNoName;  // "cuLaunchKernel"
  Index thread = 0;
  Span time;
  Index caller = kNone;  // the innermost operator
  std::uint32_t correlation = 0;
};

enum class GpuKind : std::uint8_t { kernel, copy, set };

/// One kernel, memory copy or memory set on the device.
struct GpuRecord {
  GpuKind kind = GpuKind::kernel;
  NameId name = kNoName;  // the kernel's full name, "Memcpy HtoD", "Memset"
  Index device = 0;
  Index stream = 0;
  Span time;
  std::uint32_t correlation = 0;
  Index launch = kNone;          // the call that handed it over, or launched its graph
  Index caller = kNone;          // the innermost operator, of a graph's node the one that was captured
  std::uint64_t graph_node = 0;  // 0: not from a graph
  std::int64_t bytes = 0;        // of copies and sets
  bool pageable = false;         // a copy from or to host memory that is not pinned
  NameId geometry = kNoName;     // "grid 16x1x1 block 256x1x1"
};

/// Time in which the recording itself or the driver's loading of code held the device up.
struct OverheadRecord {
  NameId name = kNoName;
  Span time;
};

/// The host waited for the device.
struct SyncRecord {
  NameId name = kNoName;
  Span time;
};

enum class MemoryClass : std::uint8_t {
  weights,  ///< and buffers of the net
  gradients,
  optimizer_state,
  inputs,
  activations,
  workspace,
  setup  ///< made before the steps, and none of the above as far as is known: a data set, an optimizer's
         ///< tables
};
inline constexpr std::array kMemoryClasses = {
    MemoryClass::weights, MemoryClass::gradients,   MemoryClass::optimizer_state,
    MemoryClass::inputs,  MemoryClass::activations, MemoryClass::workspace,
    MemoryClass::setup};
/// "weights", "gradients", "optimizer state", "inputs", "activations", "workspace", "made before the steps".
std::string_view to_string(MemoryClass memory_class) noexcept;

inline constexpr Index kHostMemory = -1;
/// Still allocated when the recording ended.
inline constexpr std::int64_t kStillLive = INT64_MAX;

/// A block of memory from its allocation to its release.
struct AllocationRecord {
  std::int64_t bytes = 0;
  Span time;
  Index device = kHostMemory;
  Index caller = kNone;  // the innermost operator at the allocation
  MemoryClass memory_class = MemoryClass::workspace;
  std::int64_t total_bytes = 0;  // allocated behind it, as the device's allocator counts; 0: it does not say
};

/// What a recording lost; all are expected to be 0, and another value belongs on every table.
struct Losses {
  std::int64_t dropped = 0;       // records that CUPTI dropped
  std::int64_t untimed = 0;       // records without times
  std::int64_t unattributed = 0;  // GPU records without an operator
  std::int64_t truncated = 0;     // records beyond the recorder's own limit, or that it failed to write
  std::int64_t total() const { return dropped + untimed + unattributed + truncated; }
};

/// "dropped 0, without times 3, without operator 0, beyond the recorder's limit 0"
std::string to_string(const Losses& losses);

/// GPU records that two mechanisms attributed independently: the operator stack read when a call was made,
/// and CUPTI's own stack.
struct DoubleEntry {
  std::int64_t records = 0;
  std::int64_t alike = 0;  // the same operator by both, and not none
  bool operator==(const DoubleEntry&) const = default;
};

struct ThreadRecord {
  std::string name;
  std::int64_t system_id = 0;
};

/// A recording of whole steps and what is needed to read it alone.
struct Profile {
  std::string benchmark;
  int repetition = 0;
  std::string recorded_by;  // "trainbench" or "Kineto"
  Facts recorder;           // of what recorded it beside: CUPTI's library; nothing to compare profiles by
  Facts measurement;        // what was trained, as in a CaseResult
  Facts machine;
  NameTable names;
  std::vector<ThreadRecord> threads;
  Index main_thread = 0;  // the one that drives the steps
  std::vector<Span> steps;
  std::int64_t training_steps = 0;  // in all of `steps`, where one launch holds several; 0: one in each
  std::vector<PhaseRecord> phases;  // of the main thread, in order, apart
  std::vector<OperatorRecord> operators;
  std::vector<LaunchRecord> launches;
  std::vector<GpuRecord> gpu;
  std::vector<OverheadRecord> overheads;
  std::vector<SyncRecord> syncs;
  std::vector<AllocationRecord> allocations;
  Losses losses;
  std::optional<DoubleEntry> double_entry;  // of a recording that was verified
};

/// From the begin of the first step to the end of the last; of a profile without steps, all that its main
/// thread recorded. All tables are of this window.
Span window_of(const Profile& profile);

/// How many training steps the window holds, at least 1: what "per step" divides by.
std::int64_t training_steps_of(const Profile& profile);

/// Why a profile's figures are not the whole or not to be trusted, as the end of a sentence: it lost records,
/// or two mechanisms attributed some of them unlike. Nothing where all is well.
std::optional<std::string> fault_of(const Losses& losses, const std::optional<DoubleEntry>& double_entry);

/// Throws std::logic_error with the first record whose indices, order or times contradict the above, and
/// where the records' times or bytes add up to more than exact sums over some profiles can hold (2^55).
void require_consistent(const Profile& profile);

}  // namespace trainbench::profile
