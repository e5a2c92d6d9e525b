#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace trainbench {

namespace json = boost::json;

/// `text` with the bare tokens NaN, Infinity and -Infinity (in any place outside a string) replaced by null.
/// Google Benchmark 1.7.1 writes them; Boost.JSON 1.81 refuses the whole file for one of them.
std::string neutralise_non_finite(std::string_view text);

/// Parses one JSON value; non-finite tokens become null.
/// Throws InputError (`unreadable`) that names `source`, what is wrong and the byte offset.
json::value parse_json(std::string_view text, std::string_view source);

/// One line of JSON without a newline. Throws std::logic_error for a number that is not finite: JSON has
/// none, and a value that does not exist is absent, never NaN.
std::string to_json_line(const json::value& value);

/// The member `key` of `object` as the type asked for; nothing where it is absent, null or of another type.
std::optional<double> number_at(const json::object& object, std::string_view key);
std::optional<std::string> string_at(const json::object& object, std::string_view key);
std::optional<bool> bool_at(const json::object& object, std::string_view key);
const json::object* object_at(const json::object& object, std::string_view key);
const json::array* array_at(const json::object& object, std::string_view key);

}  // namespace trainbench
