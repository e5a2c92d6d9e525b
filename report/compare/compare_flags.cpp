#include "report/compare/compare_flags.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <system_error>

#include "report/compare/github.hpp"
#include "report/compare/render_comparison.hpp"
#include "report/program/output.hpp"
#include "report/text/calendar.hpp"
#include "src/base/files.hpp"

namespace trainbench::report {
namespace {

namespace fs = std::filesystem;

Policy policy_from(const CompareFlags& flags) {
  if (!flags.policy.empty()) return read_policy(flags.policy);
  std::error_code ignored;  // what cannot be looked at is not there
  return fs::exists(kPolicyFile, ignored) ? read_policy(kPolicyFile) : Policy();
}

std::string rendered(const Comparison& comparison, const std::string& format) {
  if (format == "json") return comparison_json(comparison);
  if (format == "junit") return comparison_junit(comparison);
  if (format == "text") return comparison_text(comparison);
  return comparison_markdown(comparison);
}

}  // namespace

void declare_compare_flags(CLI::App& app, CompareFlags& flags) {
  app.add_option("--policy", flags.policy,
                 fmt::format("How metrics are judged (default: {} where it is there)", kPolicyFile))
      ->type_name("FILE");
  app.add_option("--renames", flags.renames, "{\"old name\": \"new name\"} of benchmarks of the baseline")
      ->type_name("FILE");
  app.add_option("--format", flags.format, "md, json, junit or text (default: md)")
      ->check(CLI::IsMember({"md", "json", "junit", "text"}))
      ->type_name("FORMAT");
  app.add_option("-o,--output", flags.output, "Write the answer to FILE (default: standard output)")
      ->type_name("FILE");
  app.add_flag("--allow_different_machine", flags.allow_different_machine,
               "Compare results of different machines; nothing is gated then");
  app.add_flag("--allow_missing", flags.allow_missing, "Pass where the contender lacks a benchmark");
  app.add_flag("--fail_on_inconclusive", flags.fail_on_inconclusive,
               "Return 11 where a gated row is INCONCLUSIVE");
  app.add_flag("--require_power", flags.require_power, "Return 11 where a gated row is UNDERPOWERED");
}

CompareOptions options_from(const CompareFlags& flags) {
  CompareOptions options;
  options.policy = policy_from(flags);
  if (!flags.renames.empty()) options.renames = read_renames(flags.renames);
  options.today = day_from_now(0);
  options.allow_different_machine = flags.allow_different_machine;
  options.allow_missing = flags.allow_missing;
  options.fail_on_inconclusive = flags.fail_on_inconclusive;
  options.require_power = flags.require_power;
  return options;
}

void write_answer(const std::string& answer, const CompareFlags& flags) {
  if (flags.output.empty()) {
    print(answer);
    return;
  }
  refuse_special_file(flags.output);
  write_file_atomically(flags.output, answer);
}

void write_measured(const CompareFlags& flags, const std::function<void(const CompareFlags&)>& write) {
  try {
    write(flags);
  } catch (const EnvironmentError&) {
    CompareFlags to_standard_output = flags;
    to_standard_output.output.clear();
    write(to_standard_output);
    throw;
  }
}

ExitCode write_comparison(const Comparison& comparison, const CompareFlags& flags) {
  write_answer(rendered(comparison, flags.format), flags);
  tell_github(comparison);
  return comparison.exit_code;
}

void refuse_to_overwrite_sides(std::initializer_list<const Side*> sides, const CompareFlags& flags) {
  if (flags.output.empty()) return;
  for (const Side* side : sides) {
    for (const SideFile& file : side->files) {
      if (!is_same_file(flags.output, file.results.source)) continue;
      throw InputError(
          fmt::format("'{}' is one of the results that are compared: give -o another name.", flags.output));
    }
  }
}

}  // namespace trainbench::report
