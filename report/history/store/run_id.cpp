#include "report/history/store/run_id.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "src/base/hash.hpp"

namespace trainbench::report::history {
namespace {

constexpr std::size_t kMostIdCharacters = 160;
constexpr std::size_t kMostKeptCharacters = 60;

bool is_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.';
}

}  // namespace

bool is_run_id(std::string_view text) {
  return !text.empty() && text.size() <= kMostIdCharacters && text.front() != '.' && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), is_id_character);
}

std::string run_id_from(std::string_view text) {
  if (is_run_id(text)) return std::string(text);
  std::string kept;
  std::copy_if(text.begin(), text.end(), std::back_inserter(kept), is_id_character);
  kept.erase(0, std::min(kept.find_first_not_of(".-"), kept.size()));
  kept.resize(std::min(kept.size(), kMostKeptCharacters));
  Hash64 hash;
  hash.update(text);
  return fmt::format("{}-{}", kept.empty() ? "run" : kept, hash.hex());
}

}  // namespace trainbench::report::history
