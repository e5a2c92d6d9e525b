#pragma once

#include <optional>
#include <span>
#include <string>

#include "src/profile/records.hpp"

namespace trainbench::report {

/// Why the contender's step takes longer or shorter than the baseline's, as markdown: a waterfall from one
/// step time to the other whose rows sum exactly to the difference, each split into more calls and longer
/// calls, with its interval where both sides have five processes. Records that a side lost and steps that
/// were not alike are said first. Rows that noise alone explains, and rows beyond `max_rows`, are summed up
/// in a row each.
std::string render_difference(std::span<const profile::Profile> baseline,
                              std::span<const profile::Profile> contender,
                              std::optional<std::size_t> max_rows = 40);

}  // namespace trainbench::report
