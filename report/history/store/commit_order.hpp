#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace trainbench::report::history {

/// When a run whose commit has a number started: "2026-11-25T10:16:00Z", empty where it is unknown.
struct NumberedStart {
  std::string started;
  std::int64_t number = 0;
};

/// Where the runs of one branch stand: by their commit's number, whatever their clock said. A run without one
/// stands behind the run of the greatest number among those that started no later than it.
class CommitOrder {
 public:
  struct Place {
    std::int64_t number = 0;
    bool behind = false;  // behind the runs of this number, before those of the next
    // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the comparison's own 0 for a pointer
    friend auto operator<=>(const Place&, const Place&) = default;
  };

  /// From all numbered runs of the branch, in any order.
  explicit CommitOrder(std::vector<NumberedStart> numbered);

  Place place_of(const std::optional<std::int64_t>& number, std::string_view started) const;

 private:
  std::vector<NumberedStart> greatest_;  // by start; the number is the greatest of the starts up to there
};

/// Sorts runs, which have `started` and `commit`, by place, start and id; `id_of` gives a run's id.
template <typename Run, typename IdOf>
void sort_in_commit_order(std::vector<Run>& runs, const CommitOrder& order, IdOf id_of) {
  using Key = std::tuple<CommitOrder::Place, std::string_view, std::string_view, std::size_t>;
  std::vector<Key> keys;
  keys.reserve(runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Run& run = runs[i];
    keys.emplace_back(order.place_of(run.commit.number, run.started), run.started, id_of(run), i);
  }
  std::sort(keys.begin(), keys.end());
  std::vector<Run> sorted;
  sorted.reserve(runs.size());
  for (const Key& key : keys) sorted.push_back(std::move(runs[std::get<std::size_t>(key)]));
  runs = std::move(sorted);
}

}  // namespace trainbench::report::history
