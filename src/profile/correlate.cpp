#include "src/profile/correlate.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace trainbench::profile {
namespace {

/// The lives of graph nodes, by id. An id may serve again once its node is gone.
class GraphNodes {
 public:
  struct Origin {
    OperatorToken caller = 0;
    std::uint32_t correlation = 0;
  };

  explicit GraphNodes(const std::vector<GraphNodeEvent>& events) {
    for (const GraphNodeEvent& event : events) {
      Origin origin{event.caller, event.correlation};
      if (event.kind == GraphNodeEvent::Kind::cloned) origin = latest(event.original);
      if (event.kind == GraphNodeEvent::Kind::destroyed) origin = {};
      lives_[event.node].push_back({event.time_ns, origin});
    }
  }

  /// Of the node that bore the id at `time_ns`.
  Origin at(std::uint64_t node, std::int64_t time_ns) const {
    const auto found = lives_.find(node);
    if (found == lives_.end()) return {};
    const std::vector<Life>& lives = found->second;
    const auto behind = std::upper_bound(lives.begin(), lives.end(), time_ns,
                                         [](std::int64_t t, const Life& life) { return t < life.begin_ns; });
    return behind == lives.begin() ? Origin{} : std::prev(behind)->origin;
  }

 private:
  struct Life {
    std::int64_t begin_ns = 0;
    Origin origin;
  };

  Origin latest(std::uint64_t node) const {
    const auto found = lives_.find(node);
    return found == lives_.end() ? Origin{} : found->second.back().origin;
  }

  std::unordered_map<std::uint64_t, std::vector<Life>> lives_;
};

class Correlation {
 public:
  Correlation(const GpuRecording& recording, const OperatorOf& operator_of, Profile& profile)
      : recording_(recording), operator_of_(operator_of), profile_(profile), nodes_(recording.nodes) {}

  void run() {
    for (NameId id = 0; id < recording_.names.size(); ++id)
      names_.push_back(profile_.names.id(recording_.names.text(id)));
    add_launches();
    for (const ExternalMark& mark : recording_.marks) marks_[mark.correlation] = mark.caller;
    if (recording_.verified && !profile_.double_entry) profile_.double_entry.emplace();
    add_records();
    add_touching(recording_.overheads, profile_.overheads);
    add_touching(recording_.syncs, profile_.syncs);
    profile_.losses.dropped += recording_.dropped;
    profile_.losses.untimed += recording_.untimed;
    profile_.losses.truncated += recording_.truncated;
    require_consistent(profile_);
  }

 private:
  Index operator_of(OperatorToken token) const { return token == 0 ? kNone : operator_of_(token); }

  Index thread_of(std::int64_t system_thread) {
    const auto found =
        std::find_if(profile_.threads.begin(), profile_.threads.end(),
                     [&](const ThreadRecord& thread) { return thread.system_id == system_thread; });
    if (found != profile_.threads.end()) return static_cast<Index>(found - profile_.threads.begin());
    profile_.threads.push_back({.name = "thread", .system_id = system_thread});
    return static_cast<Index>(profile_.threads.size()) - 1;
  }

  void add_launches() {
    for (const RecordedLaunch& launch : recording_.launches) {
      launch_of_[launch.correlation] = static_cast<Index>(profile_.launches.size());
      profile_.launches.push_back({.api = names_[launch.api],
                                   .thread = thread_of(launch.system_thread),
                                   .time = launch.time,
                                   .caller = operator_of(launch.caller),
                                   .correlation = launch.correlation});
    }
    for (const CorrelationAlias& alias : recording_.aliases) {
      const auto outer = launch_of_.find(alias.outer);
      if (outer != launch_of_.end()) launch_of_.try_emplace(alias.inner, outer->second);
    }
  }

  bool begins_in_window(const Span& time) const {
    return std::any_of(recording_.windows.begin(), recording_.windows.end(), [&](const Span& window) {
      return time.begin_ns >= window.begin_ns && time.begin_ns < window.end_ns;
    });
  }

  template <class Record>
  void add_touching(const std::vector<Record>& from, std::vector<Record>& to) const {
    for (Record record : from) {
      const bool touches =
          std::any_of(recording_.windows.begin(), recording_.windows.end(), [&](const Span& window) {
            return record.time.end_ns > window.begin_ns && record.time.begin_ns < window.end_ns;
          });
      if (!touches || record.time.length() < 0) continue;
      record.name = names_[record.name];
      to.push_back(record);
    }
  }

  void add_records() {
    const auto first = static_cast<std::ptrdiff_t>(profile_.gpu.size());
    for (const GpuRecord& raw : recording_.gpu) {
      const auto launch = launch_of_.find(raw.correlation);
      if (launch == launch_of_.end() && !begins_in_window(raw.time)) continue;
      GpuRecord record = raw;
      record.name = names_[raw.name];
      record.geometry = names_[raw.geometry];
      if (launch != launch_of_.end()) record.launch = launch->second;
      attribute_record(record);
      if (record.caller == kNone) ++profile_.losses.unattributed;
      profile_.gpu.push_back(record);
    }
    // Buffers come per thread and in any order.
    std::stable_sort(
        profile_.gpu.begin() + first, profile_.gpu.end(),
        [](const GpuRecord& a, const GpuRecord& b) { return a.time.begin_ns < b.time.begin_ns; });
  }

  void attribute_record(GpuRecord& record) {
    const LaunchRecord* const launched =
        record.launch == kNone ? nullptr : &profile_.launches[static_cast<std::size_t>(record.launch)];
    std::uint32_t marked = record.correlation;
    if (record.graph_node == 0) {
      if (launched != nullptr) record.caller = launched->caller;
    } else {
      const GraphNodes::Origin origin =
          nodes_.at(record.graph_node, launched == nullptr ? record.time.begin_ns : launched->time.begin_ns);
      record.caller = operator_of(origin.caller);
      marked = origin.correlation;
    }
    if (recording_.verified) compare(record.caller, marked);
  }

  void compare(Index caller, std::uint32_t correlation) {
    const auto mark = marks_.find(correlation);
    const Index other = mark == marks_.end() ? kNone : operator_of(mark->second);
    ++profile_.double_entry->records;
    if (caller != kNone && caller == other) ++profile_.double_entry->alike;
  }

  const GpuRecording& recording_;
  const OperatorOf& operator_of_;
  Profile& profile_;
  GraphNodes nodes_;
  std::vector<NameId> names_;  // in the profile, of each of the recording's
  std::unordered_map<std::uint32_t, Index> launch_of_;
  std::unordered_map<std::uint32_t, OperatorToken> marks_;
};

}  // namespace

void correlate(const GpuRecording& recording, const OperatorOf& operator_of, Profile& profile) {
  Correlation(recording, operator_of, profile).run();
}

}  // namespace trainbench::profile
