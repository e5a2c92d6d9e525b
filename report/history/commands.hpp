#pragma once

#include <string>

namespace CLI {
class App;
}

namespace trainbench::report::history {

/// Where the history is, unless --history says otherwise.
inline constexpr const char* kHistoryFolder = "history";

/// Declares --history=DIR, which all commands share.
void declare_history_folder(CLI::App& app, std::string& folder);

// `bench-report history NAME ...`: each reads its own command line from NAME on, prints its answer, and
// returns the exit code of src/base/errors.hpp.

int run_history_add(int argc, const char* const* argv);
int run_history_list(int argc, const char* const* argv);
int run_history_mark(int argc, const char* const* argv);
int run_history_import(int argc, const char* const* argv);
int run_history_export(int argc, const char* const* argv);
int run_history_show(int argc, const char* const* argv);
int run_history_changes(int argc, const char* const* argv);
int run_history_page(int argc, const char* const* argv);

}  // namespace trainbench::report::history
