#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "report/history/store/store.hpp"

namespace trainbench::report::history {

/// The file of a mark, `marks/<mark_file_name>`: one line of JSON.
std::string mark_file_text(const Mark& mark);

/// "<16 hexadecimal digits of the text's hash>.json": the same mark has the same file.
std::string mark_file_name(std::string_view text);

/// Whether it is one of "expected", "acknowledged" and "fixed".
bool is_mark_kind(std::string_view kind);

/// Fewer digits of a hash name no commit.
inline constexpr std::size_t kFewestMarkDigits = 7;

/// Whether `text` is the run's id or names its commit, as far as both hashes are known.
bool says_run(std::string_view text, std::string_view run_id, const CommitPlace& commit);

/// Throws InputError (`unreadable`) that names `source` and says what is wrong: no mark, or one of a newer
/// version.
Mark parse_mark_file(std::string_view text, std::string_view source);

}  // namespace trainbench::report::history
