#include "report/profile/profile_commands.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "report/profile/profile_difference.hpp"
#include "report/profile/profile_read.hpp"
#include "report/profile/profile_report.hpp"
#include "report/program/output.hpp"
#include "report/text/markdown.hpp"
#include "src/base/errors.hpp"
#include "src/base/files.hpp"
#include "src/base/gzip.hpp"
#include "src/profile/trace.hpp"
#include "src/profile/waterfall.hpp"

namespace trainbench::report {
namespace {

namespace fs = std::filesystem;

/// One file more for each benchmark: "p.md", "p-2.md".
fs::path numbered(const fs::path& path, std::size_t number) {
  if (number == 0) return path;
  return path.parent_path() /
         fmt::format("{}-{}{}", path.stem().string(), number + 1, path.extension().string());
}

void require_alike(const ProfileGroup& a, const ProfileGroup& b) {
  for (const ProfileGroup* side : {&a, &b}) {
    for (const profile::Profile& profile : side->profiles) {
      const auto unlike = profile::unlikeness(a.profiles.front(), profile);
      if (!unlike) continue;
      throw InputError(
          fmt::format("The profiles are not comparable: {}. Where that is what you want to see, add "
                      "--allow_different.",
                      *unlike),
          ExitCode::not_comparable);
    }
  }
}

/// To be called before anything is written.
void require_writable(const fs::path& target, const std::vector<fs::path>& sources) {
  refuse_special_file(target);
  for (const fs::path& source : sources) {
    for (const fs::path& file : profile_files(source)) {
      if (!is_same_file(target, file)) continue;
      throw InputError(fmt::format(
          "'{}' would be overwritten by the report that is made from it: give another name.", file.string()));
    }
  }
}

/// The group of `groups` that is compared with `group`. One benchmark on each side is a pair, whatever the
/// names: unlike ones are refused.
const ProfileGroup* partner_of(const ProfileGroup& group, const std::vector<ProfileGroup>& own,
                               const std::vector<ProfileGroup>& groups) {
  if (own.size() == 1 && groups.size() == 1) return &groups.front();
  const auto found = std::find_if(groups.begin(), groups.end(), [&](const ProfileGroup& candidate) {
    return candidate.benchmark == group.benchmark;
  });
  return found == groups.end() ? nullptr : &*found;
}

/// A line for each benchmark of `own` that `others` lack.
std::string left_out(const std::vector<ProfileGroup>& own, const std::vector<ProfileGroup>& others,
                     const std::string& source) {
  std::string text;
  for (const ProfileGroup& group : own) {
    if (partner_of(group, own, others) == nullptr) {
      text += fmt::format("\nLeft out: {}, which only '{}' has.\n", escape_markdown(group.benchmark),
                          escape_markdown(source));
    }
  }
  return text;
}

}  // namespace

struct ProfileCommands::Parsed {
  CLI::App* profile = nullptr;
  CLI::App* diff = nullptr;
  std::string source;
  std::string baseline;
  std::string contender;
  std::string output;
  std::string trace;
  std::size_t rows = 40;
  bool allow_different = false;

  static fs::path chart_beside(const fs::path& file) {
    return file.parent_path() / (file.stem().string() + "-step.svg");
  }

  void write_report(const ProfileGroup& group, const fs::path& file) const {
    const fs::path chart = chart_beside(file);
    write_file_atomically(chart, render_step_bar(group.profiles));
    write_file_atomically(
        file, render_profile(group.profiles, {.max_rows = rows, .chart_link = chart.filename().string()}));
  }

  void report_profile(const std::function<void(std::string_view)>& print) const {
    const std::vector<ProfileGroup> groups = read_profiles(source);
    if (!trace.empty()) require_writable(trace, {source});
    for (std::size_t i = 0; !output.empty() && i < groups.size(); ++i) {
      require_writable(numbered(output, i), {source});
      require_writable(chart_beside(numbered(output, i)), {source});
    }
    if (!trace.empty()) {
      const std::string text = profile::trace_json(groups.front().profiles.front());
      write_file_atomically(trace, trace.ends_with(".gz") ? gzipped(text) : text);
    }
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (output.empty()) {
        print((i == 0 ? "" : "\n") +
              render_profile(groups[i].profiles, {.max_rows = rows, .chart_link = ""}));
      } else {
        write_report(groups[i], numbered(output, i));
      }
    }
  }

  void report_difference(const std::function<void(std::string_view)>& print) const {
    const std::vector<ProfileGroup> a = read_profiles(baseline);
    const std::vector<ProfileGroup> b = read_profiles(contender);
    std::string text;
    std::size_t pairs = 0;
    for (const ProfileGroup& group : b) {
      const ProfileGroup* partner = partner_of(group, b, a);
      if (partner == nullptr) continue;
      if (!allow_different) require_alike(*partner, group);
      text += (pairs++ == 0 ? "" : "\n") + render_difference(partner->profiles, group.profiles, rows);
    }
    if (pairs == 0) {
      throw InputError(fmt::format("'{}' and '{}' have no benchmark in common.", baseline, contender),
                       ExitCode::not_comparable);
    }
    text += left_out(a, b, baseline) + left_out(b, a, contender);
    if (output.empty()) return print(text);
    require_writable(output, {baseline, contender});
    write_file_atomically(output, text);
  }
};

ProfileCommands::ProfileCommands(CLI::App& app) : parsed_(std::make_unique<Parsed>()) {
  Parsed& parsed = *parsed_;
  parsed.profile = app.add_subcommand("profile", "Where the time and the memory of profiled steps went");
  parsed.profile
      ->add_option("FILE", parsed.source,
                   "Profile that bench --profile wrote, a run's folder, or a trace of PyTorch's profiler")
      ->required();
  parsed.profile->add_option("-o,--output", parsed.output, "Write the markdown to FILE and a chart beside it")
      ->type_name("FILE");
  parsed.profile->add_option("--rows", parsed.rows, "Most rows of one table (default: 40)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  parsed.profile
      ->add_option("--trace", parsed.trace,
                   "Write the first profile as a trace for Perfetto to FILE, gzipped where it ends in .gz")
      ->type_name("FILE");
  parsed.diff = app.add_subcommand("diff", "Why one profile's step is slower than another's");
  parsed.diff->add_option("BASELINE", parsed.baseline, "Profile, folder of profiles, or trace")->required();
  parsed.diff->add_option("CONTENDER", parsed.contender, "The same, to be explained")->required();
  parsed.diff->add_option("-o,--output", parsed.output, "Write the markdown to FILE")->type_name("FILE");
  parsed.diff->add_option("--rows", parsed.rows, "Most rows of one table (default: 40)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  parsed.diff->add_flag("--allow_different", parsed.allow_different,
                        "Compare profiles of different benchmarks, machines or steps");
}

ProfileCommands::~ProfileCommands() = default;

bool ProfileCommands::run(const std::function<void(std::string_view)>& print) const {
  if (parsed_->profile->parsed()) {
    parsed_->report_profile(print);
    return true;
  }
  if (parsed_->diff->parsed()) {
    parsed_->report_difference(print);
    return true;
  }
  return false;
}

}  // namespace trainbench::report
