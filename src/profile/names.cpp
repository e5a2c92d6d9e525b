#include "src/profile/names.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace trainbench::profile {

NameTable::NameTable() {
  id("");
}

NameId NameTable::id(std::string_view text) {
  const auto found = ids_.find(text);
  if (found != ids_.end()) return found->second;
  const auto next = static_cast<NameId>(texts_.size());
  texts_.emplace_back(text);
  ids_.emplace(text, next);
  return next;
}

std::optional<NameId> NameTable::find(std::string_view text) const {
  const auto found = ids_.find(text);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

const std::string& NameTable::text(NameId id) const {
  if (id >= texts_.size()) {
    throw std::logic_error(fmt::format("A profile of {} names was asked for name {}.", texts_.size(), id));
  }
  return texts_[id];
}

}  // namespace trainbench::profile
