#include "report/history/view_flags.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <system_error>

#include "report/compare/compare_flags.hpp"
#include "report/history/commands.hpp"
#include "report/program/output.hpp"
#include "src/base/errors.hpp"
#include "src/base/files.hpp"

namespace trainbench::report::history {

namespace fs = std::filesystem;

void declare_view_flags(CLI::App& app, ViewFlags& flags, const std::string& output_help) {
  flags.history = kHistoryFolder;
  declare_history_folder(app, flags.history);
  app.add_option("--branch", flags.branch, "Only this branch (default: all)")->type_name("NAME");
  app.add_option("-o,--output", flags.output, output_help)->type_name("FILE");
}

void declare_policy_flag(CLI::App& app, ViewFlags& flags) {
  app.add_option("--policy", flags.policy,
                 fmt::format("How metrics are judged (default: {} where it is there)", kPolicyFile))
      ->type_name("FILE");
}

Policy policy_of(const ViewFlags& flags) {
  if (!flags.policy.empty()) return read_policy(flags.policy);
  std::error_code ignored;  // what cannot be looked at is not there
  return fs::exists(kPolicyFile, ignored) ? read_policy(kPolicyFile) : Policy();
}

void refuse_to_overwrite_history(const std::string& output, const std::string& history) {
  if (output.empty()) return;
  std::error_code ignored;  // what is not there yet is told by its path
  const auto resolved = [&](const fs::path& path) {
    return fs::weakly_canonical(fs::absolute(path), ignored);
  };
  const fs::path relative = resolved(output).lexically_relative(resolved(history));
  const bool inside = !relative.empty() && *relative.begin() != "..";
  const std::string extension = relative.extension().string();
  const std::string name = relative.filename().string();
  const bool is_kept = extension == ".ndjson" || extension == ".json" || name.starts_with("index.sqlite");
  if (!inside || !is_kept) return;
  throw InputError(fmt::format(
      "'{}' would be taken for a file of the history: give -o a name outside of '{}'.", output, history));
}

void write_view(const std::string& text, const ViewFlags& flags) {
  if (flags.output.empty()) {
    print(text);
    return;
  }
  refuse_special_file(flags.output);
  write_file_atomically(flags.output, text);
}

}  // namespace trainbench::report::history
