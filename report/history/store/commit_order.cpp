#include "report/history/store/commit_order.hpp"

#include <iterator>
#include <limits>

namespace trainbench::report::history {

CommitOrder::CommitOrder(std::vector<NumberedStart> numbered) : greatest_(std::move(numbered)) {
  // Whether a run of unknown start came before another is open.
  std::erase_if(greatest_, [](const NumberedStart& run) { return run.started.empty(); });
  std::sort(greatest_.begin(), greatest_.end(), [](const NumberedStart& a, const NumberedStart& b) {
    return std::tie(a.started, a.number) < std::tie(b.started, b.number);
  });
  for (std::size_t i = 1; i < greatest_.size(); ++i)
    greatest_[i].number = std::max(greatest_[i].number, greatest_[i - 1].number);
}

CommitOrder::Place CommitOrder::place_of(const std::optional<std::int64_t>& number,
                                         std::string_view started) const {
  if (number) return {.number = *number, .behind = false};
  const auto later =
      std::upper_bound(greatest_.begin(), greatest_.end(), started,
                       [](std::string_view start, const NumberedStart& run) { return start < run.started; });
  const bool none = later == greatest_.begin();
  return {.number = none ? std::numeric_limits<std::int64_t>::min() : std::prev(later)->number,
          .behind = true};
}

}  // namespace trainbench::report::history
