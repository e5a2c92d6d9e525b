#include "report/text/json_scanner.hpp"

#include <algorithm>

namespace trainbench::report {

void JsonScanner::skip_space() {
  position_ = std::min(text_.find_first_not_of(" \t\r\n", position_), text_.size());
}

bool JsonScanner::at_end() {
  skip_space();
  return position_ == text_.size();
}

bool JsonScanner::take(char expected) {
  skip_space();
  if (position_ == text_.size() || text_[position_] != expected) return false;
  ++position_;
  return true;
}

std::size_t JsonScanner::end_of_string(std::size_t begin) const {
  for (std::size_t i = begin + 1; i < text_.size(); ++i) {
    if (text_[i] == '\\') {
      ++i;
    } else if (text_[i] == '"') {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

std::size_t JsonScanner::end_of_brackets(std::size_t begin) const {
  std::size_t depth = 0;
  for (std::size_t i = begin; i < text_.size();) {
    const char c = text_[i];
    if (c == '"') {
      i = end_of_string(i);
      if (i == std::string_view::npos) return i;
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return i + 1;
    ++i;
  }
  return std::string_view::npos;
}

std::string_view JsonScanner::take_value() {
  skip_space();
  if (position_ == text_.size()) {
    cut_ = true;
    return {};
  }
  const char c = text_[position_];
  std::size_t end = 0;
  if (c == '"') {
    end = end_of_string(position_);
  } else if (c == '{' || c == '[') {
    end = end_of_brackets(position_);
  } else {
    end = text_.find_first_of(",}] \t\r\n", position_);  // a number or a word that ends the text may be cut
  }
  if (end == std::string_view::npos) {
    cut_ = true;
    return {};
  }
  const std::string_view value = text_.substr(position_, end - position_);
  position_ = end;
  return value;
}

}  // namespace trainbench::report
