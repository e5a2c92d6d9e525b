#include "report/results/flat_row.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <cmath>

#include "src/base/json.hpp"

namespace trainbench::report {
namespace {

/// Boost.JSON calls these members by name; their parameters are given by its documentation.
class RowHandler {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  FlatRow row;

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    ++depth_;
    return true;
  }
  bool on_object_end(std::size_t, json::error_code&) {
    --depth_;
    return true;
  }
  bool on_array_begin(json::error_code&) {
    ++depth_;
    return true;
  }
  bool on_array_end(std::size_t, json::error_code&) {
    --depth_;
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return append(key_part_, part); }
  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    append(key_part_, part);
    if (depth_ == 1) key_.swap(key_part_);
    key_part_.clear();
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) { return append(text_, part); }
  bool on_string(json::string_view part, std::size_t, json::error_code&) {
    append(text_, part);
    if (depth_ == 1) row.texts.emplace_back(key_, text_);
    text_.clear();
    return true;
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t value, json::string_view, json::error_code&) {
    return number(static_cast<double>(value));
  }
  bool on_uint64(std::uint64_t value, json::string_view, json::error_code&) {
    return number(static_cast<double>(value));
  }
  bool on_double(double value, json::string_view, json::error_code&) { return number(value); }
  bool on_bool(bool value, json::error_code&) {
    if (depth_ == 1) row.flags.emplace_back(key_, value);
    return true;
  }
  bool on_null(json::error_code&) { return true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  static bool append(std::string& text, json::string_view part) {
    text.append(part.data(), part.size());
    return true;
  }
  bool number(double value) {
    // Boost.JSON 1.81 reads 1e400 as infinity.
    if (depth_ == 1 && std::isfinite(value)) row.numbers.emplace_back(key_, value);
    return true;
  }

  int depth_ = 0;
  std::string key_part_;
  std::string key_;
  std::string text_;
};

std::optional<FlatRow> parse_strictly(std::string_view text) {
  json::basic_parser<RowHandler> parser{json::parse_options{}};
  json::error_code error;
  const std::size_t parsed = parser.write_some(false, text.data(), text.size(), error);
  if (error || parsed != text.size() || !text.starts_with('{')) return std::nullopt;
  return std::move(parser.handler().row);
}

}  // namespace

std::optional<FlatRow> parse_flat_row(std::string_view text) {
  auto row = parse_strictly(text);
  // Bare NaN and Infinity are rare: only a row that fails is copied without them and parsed again.
  return row ? row : parse_strictly(neutralise_non_finite(text));
}

}  // namespace trainbench::report
