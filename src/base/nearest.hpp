#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trainbench {

/// The up to `most` candidates that are nearest to `word`, best first: by the edit distance (Levenshtein
/// 1966) of the word to a part of the candidate, then to the whole. Letter case is ignored.
std::vector<std::string> nearest(std::string_view word, std::span<const std::string> candidates,
                                 std::size_t most = 3);

/// "'a', 'b' or 'c'"
std::string quoted_choice(std::span<const std::string> words);

}  // namespace trainbench
