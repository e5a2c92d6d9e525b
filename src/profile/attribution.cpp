#include "src/profile/attribution.hpp"

#include <algorithm>
#include <cctype>
#include <unordered_map>

#include "src/profile/intervals.hpp"

namespace trainbench::profile {
namespace {

constexpr std::string_view kWrapper = "autograd::engine::evaluate_function: ";
constexpr std::string_view kAccumulate = "AccumulateGrad";

class Attribution {
 public:
  explicit Attribution(const Profile& profile) : profile_(profile), places_(profile.operators.size()) {}

  std::vector<OperatorPlace> run() {
    set_times();
    match_backward_nodes();
    set_phases();
    set_forward_layers();
    set_backward_layers();
    return std::move(places_);
  }

 private:
  std::size_t count() const { return profile_.operators.size(); }
  const OperatorRecord& record(std::size_t i) const { return profile_.operators[i]; }

  void set_times() {
    const Span window = window_of(profile_);
    for (std::size_t i = 0; i < count(); ++i) {
      OperatorPlace& place = places_[i];
      const Span& time = record(i).time;
      place.total_ns = clipped(time, window).length();
      place.in_window = place.total_ns > 0 || (time.length() == 0 && time.begin_ns >= window.begin_ns &&
                                               time.begin_ns < window.end_ns);
      place.self_ns += place.total_ns;
      const Index parent = record(i).parent;
      if (parent == kNone) continue;
      places_[at(parent)].self_ns -= place.total_ns;
      place.depth = places_[at(parent)].depth + 1;
      for (Index up = parent; up != kNone && place.outermost; up = record(at(up)).parent)
        place.outermost = record(at(up)).name != record(i).name;
    }
  }

  static std::uint64_t key_of(Index thread, std::int64_t sequence) {
    return static_cast<std::uint64_t>(thread) << 48 |
           (static_cast<std::uint64_t>(sequence) & 0xFFFFFFFFFFFFU);
  }

  void match_backward_nodes() {
    std::unordered_map<std::uint64_t, Index> latest;
    for (std::size_t i = 0; i < count(); ++i) {
      if (record(i).kind != OperatorKind::function || record(i).sequence < 0) continue;
      // Kineto gives the wrapper the number of its node.
      if (profile_.names.text(record(i).name).starts_with(kWrapper)) continue;
      const auto [found, is_new] =
          latest.try_emplace(key_of(record(i).thread, record(i).sequence), static_cast<Index>(i));
      if (!is_new && record(i).time.begin_ns >= record(at(found->second)).time.begin_ns)
        found->second = static_cast<Index>(i);
    }
    for (std::size_t i = 0; i < count(); ++i) {
      if (record(i).kind != OperatorKind::backward) continue;
      const auto found = latest.find(key_of(record(i).forward_thread, record(i).sequence));
      const bool matches =
          record(i).sequence >= 0 && record(i).forward_thread != kNone && found != latest.end();
      adopt(i, matches ? found->second : kNone);
    }
    for (std::size_t i = 0; i < count(); ++i) {
      if (places_[i].backward_node != kNone || record(i).parent == kNone) continue;
      places_[i].backward_node = places_[at(record(i).parent)].backward_node;
      places_[i].forward = places_[at(record(i).parent)].forward;
    }
  }

  /// Notes a node at itself and at its wrapper.
  void adopt(std::size_t node, Index forward) {
    const Index parent = record(node).parent;
    places_[node].backward_node = static_cast<Index>(node);
    places_[node].forward = forward;
    if (parent == kNone || !profile_.names.text(record(at(parent)).name).starts_with(kWrapper)) return;
    places_[at(parent)].backward_node = static_cast<Index>(node);
    places_[at(parent)].forward = forward;
  }

  StepPhase phase_at(std::int64_t time) const {
    const auto behind =
        std::upper_bound(profile_.phases.begin(), profile_.phases.end(), time,
                         [](std::int64_t t, const PhaseRecord& phase) { return t < phase.time.begin_ns; });
    if (behind == profile_.phases.begin()) return StepPhase::none;
    const PhaseRecord& phase = *std::prev(behind);
    return time < phase.time.end_ns ? phase.phase : StepPhase::none;
  }

  void set_phases() {
    for (std::size_t i = 0; i < count(); ++i) {
      const Index parent = record(i).parent;
      if (places_[i].backward_node != kNone) {
        places_[i].phase = StepPhase::backward;
      } else if (parent != kNone) {
        places_[i].phase = places_[at(parent)].phase;
      } else if (record(i).thread == profile_.main_thread) {
        places_[i].phase = phase_at(record(i).time.begin_ns);
      }
    }
  }

  std::string named_layer(std::size_t i) const {
    if (record(i).layer != kNoName) return profile_.names.text(record(i).layer);
    if (record(i).kind == OperatorKind::scope) return profile_.names.text(record(i).name);
    return record(i).parent == kNone ? "" : places_[at(record(i).parent)].layer;
  }

  void set_forward_layers() {
    std::string before;
    for (std::size_t i = 0; i < count(); ++i) {
      if (places_[i].backward_node != kNone) continue;
      places_[i].layer = named_layer(i);
      if (record(i).thread != profile_.main_thread || places_[i].phase == StepPhase::none) continue;
      if (places_[i].phase != StepPhase::forward) {
        before.clear();
      } else if (record(i).layer != kNoName || record(i).kind == OperatorKind::scope) {
        before = places_[i].layer;
      } else if (places_[i].layer.empty() && !before.empty()) {
        places_[i].layer = block_of(before);
      }
    }
  }

  void set_backward_layers() {
    for (std::size_t i = 0; i < count(); ++i) {
      if (places_[i].backward_node == kNone || places_[i].forward == kNone) continue;
      places_[i].layer = places_[at(places_[i].forward)].layer;
    }
  }

  const Profile& profile_;
  std::vector<OperatorPlace> places_;
};

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
  });
}

}  // namespace

std::string block_of(std::string_view layer) {
  const std::size_t point = layer.rfind('.');
  if (point == std::string_view::npos) return "";
  const std::string_view rest = layer.substr(0, point);
  return is_number(layer.substr(point + 1)) ? block_of(rest) : std::string(rest);
}

std::vector<OperatorPlace> attribute(const Profile& profile) {
  return Attribution(profile).run();
}

std::string display_name(const Profile& profile, const std::vector<OperatorPlace>& places, Index index) {
  const OperatorRecord& record = profile.operators[at(index)];
  const std::string& name = profile.names.text(record.name);
  if (name.starts_with(kWrapper)) return name.substr(kWrapper.size()) + " (engine)";
  if (places[at(index)].backward_node == kNone) return name;
  // Inside the wrapper and outside its node: the engine sums gradients here.
  for (Index up = index; up != kNone; up = profile.operators[at(up)].parent) {
    if (profile.operators[at(up)].kind == OperatorKind::backward) return name;
    const std::string& caller = profile.names.text(profile.operators[at(up)].name);
    if (caller.starts_with(kWrapper)) return caller.substr(kWrapper.size()) + " (engine)";
  }
  return name;
}

BackwardMatch match_of_backward(const Profile& profile, const std::vector<OperatorPlace>& places) {
  BackwardMatch match;
  for (std::size_t i = 0; i < profile.operators.size(); ++i) {
    const OperatorRecord& record = profile.operators[i];
    if (record.kind != OperatorKind::backward || !places[i].in_window) continue;
    const std::string& name = profile.names.text(record.name);
    if (name.find(kAccumulate) != std::string::npos) continue;
    ++match.nodes;
    if (places[i].forward != kNone) ++match.matched;
  }
  return match;
}

}  // namespace trainbench::profile
