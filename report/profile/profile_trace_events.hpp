#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace trainbench::report {

/// One complete event ("X") of a trace, or an instant one ("i"). The views point into the trace's text.
struct TraceEvent {
  bool is_instant = false;
  std::string_view category;
  std::string name;
  std::string_view process;  // numbers and texts occur
  std::string_view thread;
  std::int64_t begin_ns = 0;
  std::int64_t length_ns = -1;  // negative: it has none
  std::string_view arguments;   // an object, or empty
};

/// Hands every complete and every instant event to `take`, in the order of the text. Throws InputError
/// (`unreadable`) that names `source` and the byte where the text ends too early or is no list of events.
void for_each_event(std::string_view text, std::string_view source,
                    const std::function<void(const TraceEvent&)>& take);

/// The names of the GPUs that stand in the trace's "deviceProperties" before its events, each once; empty
/// where there are none.
std::string gpus_of_trace(std::string_view text);

/// A number of microseconds with any number of decimals, "1234.567", as nanoseconds: not through a double,
/// which does not hold times since 1970 to the nanosecond. 0 for what is no number or beyond 2^51.
std::int64_t nanoseconds_from(std::string_view microseconds);

/// The member `key` of an event's arguments: a text without quotes, or the value as it stands; empty where it
/// is absent.
std::string_view argument(std::string_view arguments, std::string_view key);
/// The same as a whole number, or `otherwise`.
std::int64_t number_argument(std::string_view arguments, std::string_view key, std::int64_t otherwise);

/// "float32[128,3,32,32] ..." from Kineto's "Input Dims" and "Input type"; arguments that are no tensors are
/// left out. Of aten::convolution_backward, "outputs(1,1,0)" from its last concrete input.
std::string inputs_from(std::string_view arguments);

}  // namespace trainbench::report
