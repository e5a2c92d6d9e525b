#pragma once

#include <span>
#include <vector>

#include "src/profile/records.hpp"

/// Sets of time as sorted lists of disjoint, non-empty spans [begin, end). Spans that touch are one.
namespace trainbench::profile {

using Intervals = std::vector<Span>;

/// The union of any spans, in any order; empty and backward ones add nothing.
Intervals union_of(const std::vector<Span>& spans);

Intervals intersection(const Intervals& a, const Intervals& b);
/// What is in `a` and not in `b`.
Intervals difference(const Intervals& a, const Intervals& b);
/// Where at least two of the spans, which may be in any order, run at once.
Intervals overlap_of(const std::vector<Span>& spans);
/// What of `window` is in none of `a`.
Intervals gaps(const Intervals& a, const Span& window);

std::int64_t measure(const Intervals& a);

/// The part of `span` inside `window`; an empty span at the window's rim where there is none.
Span clipped(const Span& span, const Span& window);

}  // namespace trainbench::profile
