#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trainbench {

/// The up to `most` candidates that are nearest to `word` by edit distance (Levenshtein 1966), letter case
/// ignored, a candidate that contains the word first; best first, ties in the candidates' order.
std::vector<std::string> nearest(std::string_view word, std::span<const std::string> candidates,
                                 std::size_t most = 3);

/// "'a', 'b' or 'c'"
std::string quoted_choice(std::span<const std::string> words);

}  // namespace trainbench
