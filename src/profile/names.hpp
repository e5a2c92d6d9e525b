#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trainbench::profile {

/// A text of a profile, by its place in the profile's table. 0 is the empty text: "none".
using NameId = std::uint32_t;
inline constexpr NameId kNoName = 0;

/// The texts of a profile, each once: a step has thousands of records and a few hundred names.
class NameTable {
 public:
  NameTable();

  /// The id of `text`, which is added where it is new.
  NameId id(std::string_view text);
  std::optional<NameId> find(std::string_view text) const;
  /// Throws std::logic_error for an id that this table did not give.
  const std::string& text(NameId id) const;
  std::size_t size() const { return texts_.size(); }
  bool operator==(const NameTable& other) const { return texts_ == other.texts_; }

 private:
  std::vector<std::string> texts_;
  std::map<std::string, NameId, std::less<>> ids_;
};

}  // namespace trainbench::profile
