#include "report/profile/profile_trace_events.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <charconv>
#include <cmath>
#include <set>
#include <utility>

#include "report/text/json_scanner.hpp"
#include "src/base/errors.hpp"
#include "src/base/json.hpp"

namespace trainbench::report {
namespace {

std::string_view unquoted(std::string_view value) {
  return value.size() >= 2 && value.front() == '"' ? value.substr(1, value.size() - 2) : value;
}

/// Null for what is no JSON: one bad escape in one event costs what it stands in, not the trace.
json::value value_of(std::string_view text) {
  try {
    return parse_json(text, "");
  } catch (const InputError&) {
    return nullptr;
  }
}

/// Most names hold no escape and are copied as they stand; so are those whose escapes are none.
std::string text_of(std::string_view value) {
  if (value.find('\\') == std::string_view::npos) return std::string(unquoted(value));
  const json::value parsed = value_of(value);
  return std::string(parsed.is_string() ? std::string_view(parsed.get_string()) : unquoted(value));
}

/// Walks the members of an object; `take` returns false to end. False where the text is no whole object.
template <class Take>
bool for_each_member(std::string_view object, Take take) {
  JsonScanner scanner(object);
  if (!scanner.take('{')) return false;
  if (scanner.take('}')) return true;
  do {
    const std::string_view key = unquoted(scanner.take_value());
    if (!scanner.take(':')) return false;
    const std::string_view value = scanner.take_value();
    if (scanner.cut() || value.empty()) return false;
    if (!take(key, value)) return true;
  } while (scanner.take(','));
  return scanner.take('}');
}

/// False for an event that is neither complete ("X") nor instant ("i").
bool read_event(std::string_view object, TraceEvent& event, bool& is_object) {
  std::string_view phase;
  std::string_view name;
  is_object = for_each_member(object, [&](std::string_view key, std::string_view value) {
    if (key == "ph") {
      phase = unquoted(value);
    } else if (key == "cat") {
      event.category = unquoted(value);
    } else if (key == "name") {
      name = value;
    } else if (key == "pid") {
      event.process = value;
    } else if (key == "tid") {
      event.thread = value;
    } else if (key == "ts") {
      event.begin_ns = nanoseconds_from(value);
    } else if (key == "dur") {
      event.length_ns = nanoseconds_from(value);
    } else if (key == "args") {
      event.arguments = value;
    }
    return true;
  });
  event.is_instant = phase == "i";
  if (!is_object || (phase != "X" && !event.is_instant)) return false;
  event.name = text_of(name);
  return true;
}

[[noreturn]] void broken(std::string_view source, std::size_t byte, bool cut) {
  throw InputError(
      cut ? fmt::format("{} is a trace that is cut off at byte {}.", source, byte)
          : fmt::format("{} is no trace: byte {} is not what a list of events has there.", source, byte),
      ExitCode::unreadable);
}

void read_list(JsonScanner& scanner, std::string_view source,
               const std::function<void(const TraceEvent&)>& take) {
  if (!scanner.take('[')) broken(source, scanner.position(), scanner.at_end());
  if (scanner.take(']')) return;
  do {
    const std::size_t begin = scanner.position();
    const std::string_view object = scanner.take_value();
    if (scanner.cut()) broken(source, begin, true);
    TraceEvent event;
    bool is_object = false;
    const bool is_wanted = read_event(object, event, is_object);
    if (!is_object) broken(source, begin, false);
    if (is_wanted) take(event);
  } while (scanner.take(','));
  if (!scanner.take(']')) broken(source, scanner.position(), scanner.at_end());
}

std::string dtype_of(std::string_view type) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kNames = {{
      {"float", "float32"},
      {"double", "float64"},
      {"c10::Half", "float16"},
      {"c10::BFloat16", "bfloat16"},
      {"long", "int64"},
      {"long int", "int64"},
      {"int", "int32"},
      {"unsigned char", "uint8"},
  }};
  for (const auto& [kineto, ours] : kNames) {
    if (type == kineto) return std::string(ours);
  }
  return std::string(type);
}

std::string sizes_of(const json::value& sizes) {
  std::string text = "[";
  for (const json::value& size : sizes.get_array()) {
    if (!size.is_int64()) return "";
    text += fmt::format("{}{}", text.size() == 1 ? "" : ",", size.get_int64());
  }
  return text + "]";
}

/// "[True, True, False]" to "outputs(1,1,0)".
std::string outputs_of(std::string_view list) {
  std::string text;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list.substr(i).starts_with("True")) text += text.empty() ? "1" : ",1";
    if (list.substr(i).starts_with("False")) text += text.empty() ? "0" : ",0";
  }
  return text.empty() ? "" : " outputs(" + text + ")";
}

std::string outputs_in(std::string_view arguments) {
  const std::string_view concrete = argument(arguments, "Concrete Inputs");
  if (concrete.empty()) return "";
  const json::value list = value_of(concrete);
  if (!list.is_array() || list.get_array().empty() || !list.get_array().back().is_string()) return "";
  return outputs_of(list.get_array().back().get_string());
}

}  // namespace

void for_each_event(std::string_view text, std::string_view source,
                    const std::function<void(const TraceEvent&)>& take) {
  JsonScanner scanner(text);
  if (!scanner.take('{')) return read_list(scanner, source, take);
  bool found = false;
  if (!scanner.take('}')) {
    do {
      const std::size_t begin = scanner.position();
      const std::string_view key = unquoted(scanner.take_value());
      if (!scanner.take(':')) broken(source, begin, scanner.cut() || scanner.at_end());
      if (key == "traceEvents") {
        read_list(scanner, source, take);
        found = true;
      } else if (scanner.take_value().empty()) {
        broken(source, scanner.position(), scanner.cut());
      }
    } while (scanner.take(','));
    if (!scanner.take('}')) broken(source, scanner.position(), scanner.at_end());
  }
  if (!found)
    throw InputError(fmt::format("{} is no trace: it has no 'traceEvents'.", source), ExitCode::unreadable);
}

std::string gpus_of_trace(std::string_view text) {
  std::string_view list;
  for_each_member(text, [&](std::string_view key, std::string_view value) {
    if (key == "deviceProperties") list = value;
    return key != "deviceProperties" && key != "traceEvents";
  });
  const json::value devices = list.empty() ? json::value() : value_of(list);
  std::set<std::string> names;
  if (devices.is_array()) {
    for (const json::value& device : devices.get_array()) {
      if (device.is_object()) names.insert(string_at(device.get_object(), "name").value_or(""));
    }
  }
  names.erase("");
  return fmt::format("{}", fmt::join(names, ", "));
}

std::int64_t nanoseconds_from(std::string_view microseconds) {
  const std::string_view text = unquoted(microseconds);
  std::int64_t whole = 0;
  const auto [behind, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  constexpr std::int64_t kMost = std::int64_t{1} << 51;  // the year 2041
  if (error != std::errc() || whole > kMost || whole < -kMost) return 0;
  std::string_view rest = text.substr(static_cast<std::size_t>(behind - text.data()));
  if (rest.find_first_of("eE") != std::string_view::npos) {
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    if (!(std::abs(value) <= static_cast<double>(kMost))) return 0;
    return static_cast<std::int64_t>(value * 1000);
  }
  std::int64_t decimals = 0;
  if (rest.starts_with('.')) rest.remove_prefix(1);
  for (std::size_t i = 0; i < 3; ++i) {
    const bool is_digit = i < rest.size() && rest[i] >= '0' && rest[i] <= '9';
    decimals = decimals * 10 + (is_digit ? rest[i] - '0' : 0);
  }
  return whole * 1000 + (text.starts_with('-') ? -decimals : decimals);
}

std::string_view argument(std::string_view arguments, std::string_view key) {
  std::string_view found;
  for_each_member(arguments, [&](std::string_view name, std::string_view value) {
    if (name != key) return true;
    found = unquoted(value);
    return false;
  });
  return found;
}

std::int64_t number_argument(std::string_view arguments, std::string_view key, std::int64_t otherwise) {
  const std::string_view text = argument(arguments, key);
  std::int64_t number = 0;
  const auto [behind, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && behind == text.data() + text.size() ? number : otherwise;
}

std::string inputs_from(std::string_view arguments) {
  const std::string_view sizes_text = argument(arguments, "Input Dims");
  const std::string_view types_text = argument(arguments, "Input type");
  if (sizes_text.empty() || types_text.empty()) return "";
  const json::value sizes = value_of(sizes_text);
  const json::value types = value_of(types_text);
  if (!sizes.is_array() || !types.is_array()) return "";
  std::string text;
  const std::size_t count = std::min(sizes.get_array().size(), types.get_array().size());
  for (std::size_t i = 0; i < count; ++i) {
    const json::value& type = types.get_array()[i];
    if (!sizes.get_array()[i].is_array() || !type.is_string()) continue;
    const std::string_view name = type.get_string();
    if (name.empty() || name == "Scalar" || name == "ScalarList" || name == "TensorList") continue;
    const std::string tensor = sizes_of(sizes.get_array()[i]);
    if (!tensor.empty()) text += (text.empty() ? "" : " ") + dtype_of(name) + tensor;
  }
  return text + outputs_in(arguments);
}

}  // namespace trainbench::report
