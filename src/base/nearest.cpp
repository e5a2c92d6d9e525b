#include "src/base/nearest.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <numeric>
#include <utility>

namespace trainbench {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

/// Levenshtein distance of `word` to all of `candidate`, or, with `anywhere`, to the part of it that is
/// nearest (Sellers 1980: what stands before and behind that part costs nothing).
std::size_t edit_distance(std::string_view word, std::string_view candidate, bool anywhere) {
  std::vector<std::size_t> row(candidate.size() + 1, 0);
  if (!anywhere) std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 0; i < word.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < candidate.size(); ++j) {
      const std::size_t substituted = diagonal + (word[i] == candidate[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, diagonal + 1});
    }
  }
  return anywhere ? *std::min_element(row.begin(), row.end()) : row.back();
}

}  // namespace

std::vector<std::string> nearest(std::string_view word, std::span<const std::string> candidates,
                                 std::size_t most) {
  const std::string wanted = lower(word);
  std::vector<std::array<std::size_t, 3>> ranked;  // distance to a part, to the whole, index
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const std::string candidate = lower(candidates[i]);
    ranked.push_back({edit_distance(wanted, candidate, true), edit_distance(wanted, candidate, false), i});
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> result;
  for (std::size_t i = 0; i < std::min(most, ranked.size()); ++i) result.push_back(candidates[ranked[i][2]]);
  return result;
}

std::string quoted_choice(std::span<const std::string> words) {
  std::string result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) result += i + 1 == words.size() ? " or " : ", ";
    result += "'" + words[i] + "'";
  }
  return result;
}

}  // namespace trainbench
