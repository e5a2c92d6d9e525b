#include "src/stats/change_candidates.hpp"

#include <algorithm>
#include <tuple>

#include "src/stats/e_divisive.hpp"
#include "src/stats/mean_step.hpp"

namespace trainbench::stats {
namespace {

constexpr std::size_t kWindow = 50;
constexpr std::size_t kWindowStep = 25;

struct Candidate {
  std::size_t index = 0;
  double p = 1;
};

/// Splits a window until no stretch of it has a significant split.
class WindowSplitter {
 public:
  WindowSplitter(std::span<const double> window, std::size_t offset, double p, std::vector<Candidate>& found)
      : window_(window), distances_(window), offset_(offset), p_(p), found_(found) {}

  void split(std::size_t begin, std::size_t last) {
    const auto best = best_divisive_split(distances_, begin, last, kFewestPoints);
    if (!best) return;
    const double p = step_p(exact_moments(window_.subspan(begin, best->index - begin)),
                            exact_moments(window_.subspan(best->index, best->end - best->index)));
    if (p > p_) return;
    found_.push_back({.index = offset_ + best->index, .p = p});
    split(begin, best->index);
    split(best->index, last);
  }

 private:
  std::span<const double> window_;
  DistanceSums distances_;
  std::size_t offset_;
  double p_;
  std::vector<Candidate>& found_;
};

/// Two windows see one change, and may place it a point apart.
std::vector<std::size_t> thinned(std::vector<Candidate> candidates) {
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return std::tie(a.p, a.index) < std::tie(b.p, b.index);
  });
  std::vector<std::size_t> kept;  // ascending
  for (const Candidate& candidate : candidates) {
    const auto next = std::lower_bound(kept.begin(), kept.end(), candidate.index);
    const bool near_next = next != kept.end() && *next - candidate.index < kFewestPoints;
    const bool near_last = next != kept.begin() && candidate.index - *(next - 1) < kFewestPoints;
    if (!near_next && !near_last) kept.insert(next, candidate.index);
  }
  return kept;
}

}  // namespace

std::vector<std::size_t> change_candidates(std::span<const double> values, double p) {
  std::vector<Candidate> found;
  for (std::size_t begin = 0; begin < values.size(); begin += kWindowStep) {
    const std::size_t length = std::min(kWindow, values.size() - begin);
    WindowSplitter(values.subspan(begin, length), begin, p, found).split(0, length);
    if (begin + length == values.size()) break;
  }
  return thinned(std::move(found));
}

}  // namespace trainbench::stats
