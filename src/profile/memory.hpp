#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/profile/attribution.hpp"

namespace trainbench::profile {

/// One report of an allocator: `bytes` more, or -`bytes` fewer, at `address`.
struct MemoryEvent {
  std::uint64_t address = 0;
  std::int64_t bytes = 0;
  std::int64_t time_ns = 0;
  Index device = kHostMemory;
  Index caller = kNone;
  std::int64_t total_bytes = 0;  // allocated behind it, as the allocator counts; 0: it does not say
};

/// What is known to stand at an address at some time, from the one who owns it.
struct KnownBlock {
  std::uint64_t address = 0;
  Index device = kHostMemory;
  std::int64_t bytes = 0;
  std::int64_t time_ns = 0;
  MemoryClass memory_class = MemoryClass::weights;
};

/// Lives from events in the order of their times; a release without its allocation is left out: the allocator
/// tells of none. An allocation at the address of a live block ends that. The class of a block is that of the
/// known block that stands in it, else it follows from the life: allocated in phase load: inputs; in phase
/// optimizer and alive behind it: optimizer state; in phase forward or loss and alive behind that:
/// activations; outside phases, before the first step and alive at its begin: setup; otherwise workspace. A
/// known block that no event tells of was there before: it is added, alive from the window's begin on.
std::vector<AllocationRecord> lives_of(const std::vector<MemoryEvent>& events,
                                       const std::vector<KnownBlock>& known, const Profile& profile);

/// Bytes that were live at one moment, by what had allocated them; or, not heard of, what the allocator
/// counted beside them: blocks of other threads and from before, less those whose release was not heard of.
struct MemoryRow {
  StepPhase phase = StepPhase::none;
  std::string layer;
  std::string operator_name;  // empty: allocated outside operators
  MemoryClass memory_class = MemoryClass::workspace;
  std::int64_t bytes = 0;
  std::int64_t blocks = 0;
  bool heard_of = true;
};

/// The moment of the window at which a device held most, as its allocator counts where that says it, else as
/// the blocks do; and what it held. Of a replayed graph, which allocates nothing, the window begins with its
/// capture.
struct MemoryPeak {
  Index device = kHostMemory;
  std::int64_t time_ns = 0;
  std::int64_t bytes = 0;
  std::vector<MemoryRow> rows;  // sum to `bytes`; largest first
};

/// One for each device with allocations; the host first. The earliest moment where several hold as much.
std::vector<MemoryPeak> memory_peaks(const Profile& profile, const std::vector<OperatorPlace>& places);

/// Bytes allocated in the window by operators' display names, each by its innermost operator.
std::map<std::string, std::int64_t> bytes_allocated(const Profile& profile,
                                                    const std::vector<OperatorPlace>& places);

}  // namespace trainbench::profile
