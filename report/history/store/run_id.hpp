#pragma once

#include <string>
#include <string_view>

namespace trainbench::report::history {

/// Whether the text can name a run and its file: 1 to 160 letters, digits, '-', '_' and '.', not starting
/// with a point or a dash.
bool is_run_id(std::string_view text);

/// `text` where it can name a run; else its usable characters and 16 digits of the hash of all of it, so that
/// two texts do not become one. "../../x" gives "x-<hash>".
std::string run_id_from(std::string_view text);

}  // namespace trainbench::report::history
