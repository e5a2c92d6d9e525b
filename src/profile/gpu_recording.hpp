#pragma once

#include <cstdint>
#include <vector>

#include "src/profile/names.hpp"
#include "src/profile/records.hpp"

/// What was written down of the device's side, before it is joined with the operators. Plain values, without
/// CUPTI. Times are nanoseconds of the monotonic clock.
namespace trainbench::profile {

/// An operator that was open on some thread, as its recorder numbers them; 0 is none.
using OperatorToken = std::uint64_t;

/// A call that hands work to the device: the outermost one, where a call of the runtime makes one of the
/// driver.
struct RecordedLaunch {
  NameId api = kNoName;
  std::int64_t system_thread = 0;  // gettid
  Span time;
  OperatorToken caller = 0;  // innermost at its begin
  std::uint32_t correlation = 0;
};

/// A call inside a launch that has another correlation id than it.
struct CorrelationAlias {
  std::uint32_t inner = 0;
  std::uint32_t outer = 0;
};

/// What happened to a node of a CUDA graph; events stand in their order.
struct GraphNodeEvent {
  enum class Kind : std::uint8_t { created, cloned, destroyed };
  Kind kind = Kind::created;
  std::uint64_t node = 0;
  std::uint64_t original = 0;     // of a clone
  OperatorToken caller = 0;       // of a new node: innermost at its creation
  std::uint32_t correlation = 0;  // of a new node: the call that was captured, 0 outside of one
  std::int64_t time_ns = 0;
};

/// What CUPTI's own stack of operators said when a call was made; the second mechanism of attribution.
struct ExternalMark {
  std::uint32_t correlation = 0;
  OperatorToken caller = 0;
};

struct GpuRecording {
  NameTable names;  // of the records below
  std::vector<Span> windows;
  std::vector<RecordedLaunch> launches;
  std::vector<CorrelationAlias> aliases;
  std::vector<GraphNodeEvent> nodes;
  std::vector<GpuRecord> gpu;  // without launch and caller
  std::vector<OverheadRecord> overheads;
  std::vector<SyncRecord> syncs;
  std::vector<ExternalMark> marks;
  bool verified = false;  // marks were asked for
  std::int64_t dropped = 0;
  std::int64_t untimed = 0;
  std::int64_t truncated = 0;
};

}  // namespace trainbench::profile
