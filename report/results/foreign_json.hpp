#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "report/results/result_set.hpp"
#include "src/base/json.hpp"

namespace trainbench::report {

/// The JSON of another program's result file, with the sentences for what is not as that program writes it.
class ForeignJson {
 public:
  /// Parses `text`. `program` ("hyperfine") and `way_out` ("Write it with ... .") go into every sentence.
  /// Throws InputError (`unreadable`) where it is no JSON object, as all of the following do for a wrong
  /// type.
  ForeignJson(std::string_view text, std::string_view source, std::string_view program,
              std::string_view way_out);

  const json::object& root() const { return value_.get_object(); }
  /// `where` says in a sentence what `object` is: "benchmark 3".
  const json::array& array(const json::object& object, std::string_view key, std::string_view where) const;
  const json::object& object(const json::value& value, std::string_view where) const;
  std::string text(const json::object& object, std::string_view key, std::string_view where) const;

  [[noreturn]] void refuse(std::string_view what) const;

 private:
  std::string source_;
  std::string program_;
  std::string way_out_;
  json::value value_;
};

/// A number, also one that is written as a string ("1.5e-3"); nothing for anything else, NaN and infinity.
std::optional<double> finite_number(const json::value* value);

/// What a table shows of a scalar: text, a number, "yes" or "no"; empty for anything else.
std::string scalar_text(const json::value& value);

/// Takes the seconds that a row cannot be without.
void take_real_time(std::optional<double> seconds, std::string_view name, Row& row);

}  // namespace trainbench::report
