#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace trainbench::report {

/// Walks over JSON text value by value without building it: a file of any size is read in one pass, and a cut
/// one up to the cut.
class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : text_(text) {}

  std::size_t position() const { return position_; }
  /// True behind the last byte, white space left out.
  bool at_end();
  /// Takes the character if it is the next one, white space left out.
  bool take(char expected);
  /// The next value's text, whole, or an empty view where the text ends before the value does (`cut` is true
  /// then) or no value stands here.
  std::string_view take_value();
  bool cut() const { return cut_; }

 private:
  void skip_space();
  std::size_t end_of_string(std::size_t begin) const;
  std::size_t end_of_brackets(std::size_t begin) const;

  std::string_view text_;
  std::size_t position_ = 0;
  bool cut_ = false;
};

}  // namespace trainbench::report
