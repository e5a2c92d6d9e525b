#include "src/profile/intervals.hpp"

#include <algorithm>
#include <utility>

namespace trainbench::profile {
namespace {

/// Where the number of spans that run at once is at least `least`.
Intervals covered_at_least(const std::vector<Span>& spans, int least) {
  std::vector<std::pair<std::int64_t, int>> edges;
  edges.reserve(2 * spans.size());
  for (const Span& span : spans) {
    if (span.length() <= 0) continue;
    edges.emplace_back(span.begin_ns, 1);
    edges.emplace_back(span.end_ns, -1);
  }
  // Begins before ends at the same time, so that spans that touch come out as one.
  std::sort(edges.begin(), edges.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : a.second > b.second;
  });
  Intervals result;
  int running = 0;
  for (const auto& [time, change] : edges) {
    const int before = running;
    running += change;
    if (before < least && running >= least) result.push_back({time, time});
    if (before >= least && running < least) result.back().end_ns = time;
  }
  std::erase_if(result, [](const Span& span) { return span.length() <= 0; });
  return result;
}

}  // namespace

Intervals union_of(const std::vector<Span>& spans) {
  return covered_at_least(spans, 1);
}

Intervals overlap_of(const std::vector<Span>& spans) {
  return covered_at_least(spans, 2);
}

Intervals intersection(const Intervals& a, const Intervals& b) {
  Intervals result;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const Span common{std::max(a[i].begin_ns, b[j].begin_ns), std::min(a[i].end_ns, b[j].end_ns)};
    if (common.length() > 0) result.push_back(common);
    a[i].end_ns < b[j].end_ns ? ++i : ++j;
  }
  return result;
}

Intervals difference(const Intervals& a, const Intervals& b) {
  Intervals result;
  std::size_t j = 0;
  for (const Span& span : a) {
    std::int64_t begin = span.begin_ns;
    while (j < b.size() && b[j].end_ns <= begin) ++j;
    for (std::size_t k = j; k < b.size() && b[k].begin_ns < span.end_ns; ++k) {
      if (b[k].begin_ns > begin) result.push_back({begin, b[k].begin_ns});
      begin = std::max(begin, b[k].end_ns);
    }
    if (begin < span.end_ns) result.push_back({begin, span.end_ns});
  }
  return result;
}

Intervals gaps(const Intervals& a, const Span& window) {
  return difference(union_of({window}), a);
}

std::int64_t measure(const Intervals& a) {
  std::int64_t sum = 0;
  for (const Span& span : a) sum += span.length();
  return sum;
}

Span clipped(const Span& span, const Span& window) {
  const std::int64_t begin = std::clamp(span.begin_ns, window.begin_ns, window.end_ns);
  const std::int64_t end = std::clamp(span.end_ns, window.begin_ns, window.end_ns);
  return {begin, std::max(begin, end)};
}

}  // namespace trainbench::profile
