#pragma once

#include <string>

#include "report/compare/policy.hpp"

namespace CLI {
class App;
}

namespace trainbench::report::history {

/// What show, changes and page have in common.
struct ViewFlags {
  std::string history;
  std::string policy;  // empty: ci/policy.json where it is there, else the defaults
  std::string branch;
  std::string output;  // empty: standard output
};

/// --history, --branch and -o; `output_help` says what -o writes.
void declare_view_flags(CLI::App& app, ViewFlags& flags, const std::string& output_help);
void declare_policy_flag(CLI::App& app, ViewFlags& flags);

/// Throws InputError (`unreadable`).
Policy policy_of(const ViewFlags& flags);

/// Throws InputError (`usage`) where `output` is a file that belongs to the history.
void refuse_to_overwrite_history(const std::string& output, const std::string& history);

/// To standard output, or to the file that -o names.
void write_view(const std::string& text, const ViewFlags& flags);

}  // namespace trainbench::report::history
