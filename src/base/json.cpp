#include "src/base/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <boost/json/stream_parser.hpp>
#include <cctype>
#include <cmath>
#include <stdexcept>

#include "src/base/errors.hpp"

namespace trainbench {
namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// The length of a non-finite token at the start of `rest`, or 0.
std::size_t non_finite_length(std::string_view rest) {
  constexpr std::array<std::string_view, 8> kTokens = {"-Infinity", "Infinity", "-NaN", "NaN",
                                                       "-inf",      "inf",      "-nan", "nan"};
  for (const std::string_view token : kTokens) {
    if (!rest.starts_with(token)) continue;
    if (rest.size() == token.size() || !is_word(rest[token.size()])) return token.size();
  }
  return 0;
}

/// The index just behind the string that starts with a quote at `begin`.
std::size_t end_of_string(std::string_view text, std::size_t begin) {
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return text.size();
}

void require_finite(const json::value& value) {
  if (const double* number = value.if_double(); number != nullptr && !std::isfinite(*number)) {
    throw std::logic_error("A number that is not finite was about to be written to a result file.");
  }
  if (const json::array* array = value.if_array()) {
    for (const json::value& element : *array) require_finite(element);
  }
  if (const json::object* object = value.if_object()) {
    for (const auto& member : *object) require_finite(member.value());
  }
}

}  // namespace

std::string neutralise_non_finite(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    // Most of a file is neither a string's start nor a token's: it is copied in one piece.
    const std::size_t next = std::min(text.find_first_of("\"-INin", i), text.size());
    result.append(text, i, next - i);
    i = next;
    if (i == text.size()) break;
    std::size_t end = i + 1;
    if (text[i] == '"') {
      end = end_of_string(text, i);
    } else if (const std::size_t length = non_finite_length(text.substr(i)); length != 0) {
      const bool inside_word = i > 0 && is_word(text[i - 1]);
      end = i + length;
      if (!inside_word) {
        result += "null";
        i = end;
        continue;
      }
    }
    result.append(text, i, end - i);
    i = end;
  }
  return result;
}

json::value parse_json(std::string_view text, std::string_view source) {
  const std::string clean = neutralise_non_finite(text);
  json::stream_parser parser;
  json::error_code error;
  const std::size_t parsed = parser.write(clean, error);
  if (!error) parser.finish(error);
  if (error) {
    throw InputError(fmt::format("{} is not valid JSON: {} at byte {}.", source, error.message(), parsed),
                     ExitCode::unreadable);
  }
  return parser.release();
}

std::string to_json_line(const json::value& value) {
  require_finite(value);
  return json::serialize(value);
}

std::optional<double> number_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->to_number<double>();
}

std::optional<std::string> string_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

std::optional<bool> bool_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_bool()) return std::nullopt;
  return value->get_bool();
}

const json::object* object_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_object();
}

const json::array* array_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_array();
}

}  // namespace trainbench
