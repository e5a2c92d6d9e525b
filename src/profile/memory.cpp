#include "src/profile/memory.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace trainbench::profile {
namespace {

using Place = std::pair<Index, std::uint64_t>;  // device and address

/// The span of `spans` (sorted, apart) that holds `time`.
std::optional<Span> span_at(const std::vector<Span>& spans, std::int64_t time) {
  const auto behind = std::upper_bound(spans.begin(), spans.end(), time,
                                       [](std::int64_t t, const Span& span) { return t < span.begin_ns; });
  if (behind == spans.begin() || time >= std::prev(behind)->end_ns) return std::nullopt;
  return *std::prev(behind);
}

/// Phases by time.
class Timeline {
 public:
  explicit Timeline(const Profile& profile) : profile_(profile) {
    for (const PhaseRecord& record : profile.phases) spans_.push_back(record.time);
  }

  MemoryClass class_of_life(const Span& life) const {
    const auto phase = span_at(spans_, life.begin_ns);
    if (!phase) return class_outside_phases(life);
    const auto at = std::lower_bound(spans_.begin(), spans_.end(), *phase,
                                     [](const Span& a, const Span& b) { return a.begin_ns < b.begin_ns; });
    const bool outlives = life.end_ns > phase->end_ns;
    switch (profile_.phases[static_cast<std::size_t>(at - spans_.begin())].phase) {
      case StepPhase::load:
        return MemoryClass::inputs;
      case StepPhase::forward:
      case StepPhase::loss:
        return outlives ? MemoryClass::activations : MemoryClass::workspace;
      case StepPhase::optimizer:
        return outlives ? MemoryClass::optimizer_state : MemoryClass::workspace;
      case StepPhase::backward:
      case StepPhase::none:
        return MemoryClass::workspace;
    }
    return MemoryClass::workspace;
  }

 private:
  MemoryClass class_outside_phases(const Span& life) const {
    if (profile_.steps.empty()) return MemoryClass::workspace;
    const std::int64_t begin_ns = profile_.steps.front().begin_ns;
    const bool stands = life.begin_ns < begin_ns && life.end_ns > begin_ns;
    return stands ? MemoryClass::setup : MemoryClass::workspace;
  }

  const Profile& profile_;
  std::vector<Span> spans_;
};

using Lives = std::map<Place, std::vector<std::size_t>>;  // of each place, in order of time

/// The life that holds a known block.
AllocationRecord* find_life(const KnownBlock& block, const Lives& lives,
                            std::vector<AllocationRecord>& records) {
  const auto found = lives.find({block.device, block.address});
  if (found == lives.end()) return nullptr;
  for (const std::size_t index : found->second) {
    const Span& life = records[index].time;
    if (life.begin_ns <= block.time_ns && block.time_ns < life.end_ns) return &records[index];
  }
  return nullptr;
}

/// From when on the steps' memory is looked for: the window's begin; where the steps replay a graph, the
/// begin of the operators that were captured.
Span memory_window(const Profile& profile) {
  Span window = window_of(profile);
  for (const GpuRecord& record : profile.gpu) {
    if (record.graph_node == 0 || record.caller == kNone) continue;
    Index top = record.caller;
    while (profile.operators[at(top)].parent != kNone) top = profile.operators[at(top)].parent;
    window.begin_ns = std::min(window.begin_ns, profile.operators[at(top)].time.begin_ns);
  }
  return window;
}

struct Change {
  std::int64_t time_ns = 0;
  std::int64_t bytes = 0;
  std::int64_t total_bytes = 0;  // behind it, where the allocator said so
};

struct Moment {
  std::int64_t time_ns = 0;
  std::int64_t bytes = 0;
  std::int64_t unheard_bytes = 0;  // of them
};

/// What is live, step by step.
class Level {
 public:
  void add(const Change& change) {
    heard_ += change.bytes;
    if (change.total_bytes > 0) unheard_ = change.total_bytes - heard_;
  }
  Moment at(std::int64_t time_ns) const { return {time_ns, heard_ + unheard_, unheard_}; }

 private:
  std::int64_t heard_ = 0;
  std::int64_t unheard_ = 0;  // when the allocator last spoke
};

/// The earliest moment of the window at which most is live.
Moment highest(std::vector<Change> changes, const Span& window) {
  // Releases before allocations at the same time.
  std::stable_sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
    return a.time_ns != b.time_ns ? a.time_ns < b.time_ns : a.bytes < b.bytes;
  });
  Level level;
  std::size_t i = 0;
  for (; i < changes.size() && changes[i].time_ns <= window.begin_ns; ++i) level.add(changes[i]);
  Moment peak = level.at(window.begin_ns);
  for (; i < changes.size() && changes[i].time_ns < window.end_ns; ++i) {
    level.add(changes[i]);
    const std::int64_t time_ns = changes[i].time_ns;
    if (i + 1 < changes.size() && changes[i + 1].time_ns == time_ns) continue;
    if (const Moment now = level.at(time_ns); now.bytes > peak.bytes) peak = now;
  }
  return peak;
}

std::vector<MemoryRow> rows_at(const Profile& profile, const std::vector<OperatorPlace>& places, Index device,
                               std::int64_t time_ns) {
  std::map<std::tuple<StepPhase, std::string, std::string, MemoryClass>, MemoryRow> rows;
  for (const AllocationRecord& record : profile.allocations) {
    if (record.device != device || record.time.begin_ns > time_ns || record.time.end_ns <= time_ns) continue;
    MemoryRow key{.memory_class = record.memory_class};
    if (record.caller != kNone) {
      const OperatorPlace& place = places[at(record.caller)];
      key.phase = place.phase;
      key.layer = place.layer;
      key.operator_name = display_name(profile, places, record.caller);
    }
    MemoryRow& row =
        rows.try_emplace({key.phase, key.layer, key.operator_name, key.memory_class}, key).first->second;
    row.bytes += record.bytes;
    ++row.blocks;
  }
  std::vector<MemoryRow> sorted;
  sorted.reserve(rows.size() + 1);
  for (auto& [key, row] : rows) sorted.push_back(std::move(row));
  return sorted;
}

MemoryPeak peak_of(const Profile& profile, const std::vector<OperatorPlace>& places, Index device) {
  std::vector<Change> changes;
  for (const AllocationRecord& record : profile.allocations) {
    if (record.device != device) continue;
    changes.push_back({record.time.begin_ns, record.bytes, record.total_bytes});
    if (record.time.end_ns != kStillLive) changes.push_back({record.time.end_ns, -record.bytes, 0});
  }
  const Moment peak = highest(std::move(changes), memory_window(profile));
  MemoryPeak result{.device = device,
                    .time_ns = peak.time_ns,
                    .bytes = peak.bytes,
                    .rows = rows_at(profile, places, device, peak.time_ns)};
  if (peak.unheard_bytes != 0) result.rows.push_back({.bytes = peak.unheard_bytes, .heard_of = false});
  std::stable_sort(result.rows.begin(), result.rows.end(),
                   [](const MemoryRow& a, const MemoryRow& b) { return a.bytes > b.bytes; });
  return result;
}

}  // namespace

std::vector<AllocationRecord> lives_of(const std::vector<MemoryEvent>& events,
                                       const std::vector<KnownBlock>& known, const Profile& profile) {
  std::vector<AllocationRecord> records;
  std::map<Place, std::size_t> live;
  Lives lives;
  for (const MemoryEvent& event : events) {
    const Place place{event.device, event.address};
    if (event.bytes > 0) {
      const auto [found, is_new] = live.try_emplace(place, records.size());
      // Its release was not heard of: the allocator gives no address twice.
      if (!is_new) records[std::exchange(found->second, records.size())].time.end_ns = event.time_ns;
      lives[place].push_back(records.size());
      records.push_back({.bytes = event.bytes,
                         .time = {event.time_ns, kStillLive},
                         .device = event.device,
                         .caller = event.caller,
                         .total_bytes = event.total_bytes});
    } else if (const auto found = live.find(place); found != live.end()) {
      records[found->second].time.end_ns = event.time_ns;
      live.erase(found);
    }
  }
  const Timeline timeline(profile);
  for (AllocationRecord& record : records) record.memory_class = timeline.class_of_life(record.time);
  std::map<Place, const KnownBlock*> unheard_of;
  for (const KnownBlock& block : known) {
    if (AllocationRecord* record = find_life(block, lives, records)) {
      record->memory_class = block.memory_class;
    } else {
      unheard_of.emplace(Place{block.device, block.address}, &block);
    }
  }
  for (const auto& [place, block] : unheard_of) {
    records.push_back({.bytes = block->bytes,
                       .time = {window_of(profile).begin_ns, kStillLive},
                       .device = block->device,
                       .memory_class = block->memory_class});
  }
  return records;
}

std::vector<MemoryPeak> memory_peaks(const Profile& profile, const std::vector<OperatorPlace>& places) {
  std::set<Index> devices;
  for (const AllocationRecord& record : profile.allocations) devices.insert(record.device);
  std::vector<MemoryPeak> peaks;
  peaks.reserve(devices.size());
  for (const Index device : devices) peaks.push_back(peak_of(profile, places, device));
  return peaks;
}

std::map<std::string, std::int64_t> bytes_allocated(const Profile& profile,
                                                    const std::vector<OperatorPlace>& places) {
  const Span window = window_of(profile);
  std::map<std::string, std::int64_t> result;
  for (const AllocationRecord& record : profile.allocations) {
    if (record.time.begin_ns < window.begin_ns || record.time.begin_ns >= window.end_ns) continue;
    result[record.caller == kNone ? "" : display_name(profile, places, record.caller)] += record.bytes;
  }
  return result;
}

}  // namespace trainbench::profile
