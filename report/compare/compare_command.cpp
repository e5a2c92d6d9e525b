#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <filesystem>
#include <utility>

#include "report/compare/baseline_from_history.hpp"
#include "report/compare/claim.hpp"
#include "report/compare/compare_flags.hpp"
#include "report/compare/explain.hpp"
#include "report/compare/github.hpp"
#include "report/compare/render_comparison.hpp"
#include "report/program/commands.hpp"
#include "report/program/output.hpp"
#include "report/program/program.hpp"
#include "report/text/calendar.hpp"
#include "src/base/files.hpp"

namespace trainbench::report {
namespace {

namespace fs = std::filesystem;

struct CompareArguments {
  std::vector<std::string> paths;
  bool paired = false;
  bool unpaired = false;
  bool claim = false;
  bool allow_no_baseline = false;
  std::string history;  // empty: the baseline is a SIDE
  std::string branch;
  CompareFlags flags;
};

void declare_history(CLI::App& app, CompareArguments& arguments) {
  CLI::Option* history =
      app.add_option("--history", arguments.history,
                     "Take the baseline from the history in DIR: of each series the runs since its last "
                     "change, never those behind a regression. SIDE is the contender alone then")
          ->type_name("DIR");
  app.add_option("--branch", arguments.branch,
                 "The branch of the history that is compared with (default: main)")
      ->type_name("NAME")
      ->needs(history);
  // A history's runs have no partners in the contender.
  for (const char* of_pairs : {"--paired", "--claim"}) history->excludes(app.get_option(of_pairs));
}

void declare(CLI::App& app, CompareArguments& arguments) {
  app.add_option("SIDE", arguments.paths,
                 "Baseline and contender, in that order: a file, a run folder, a folder or a quoted pattern "
                 "each; or the "
                 "files of two folders, the baseline's first. With --history the contender alone");
  CLI::Option* paired =
      app.add_flag("--paired", arguments.paired,
                   "Compare files of equal name pair by pair (default: where gate wrote them)");
  CLI::Option* unpaired =
      app.add_flag("--unpaired", arguments.unpaired, "Take both sides as independent samples");
  paired->excludes(unpaired);
  app.add_flag(
         "--claim", arguments.claim,
         "Judge 'the contender is faster' instead: one-sided, exact, p < 0.01, accuracy not worse; paired")
      ->excludes(unpaired);
  app.add_flag("--allow_no_baseline", arguments.allow_no_baseline, "Pass where the baseline has no result");
  declare_history(app, arguments);
  declare_compare_flags(app, arguments.flags);
}

struct Paths {
  std::vector<std::string> baseline;
  std::vector<std::string> contender;
};

/// What a shell makes of base/*.json contender/*.json: the files of two folders, the first folder's first.
Paths split_by_folder(const std::vector<std::string>& paths) {
  Paths sides;
  const fs::path first = fs::path(paths.front()).parent_path();
  std::optional<fs::path> second;
  for (const std::string& path : paths) {
    const fs::path folder = fs::path(path).parent_path();
    if (!second && folder == first) {
      sides.baseline.push_back(path);
      continue;
    }
    if (!second) second = folder;
    if (folder != *second) {
      throw InputError(
          fmt::format("Which of the {} paths is the baseline is open: they are not the files of two "
                      "folders, one after the other ('{}'). Quote patterns: 'base/*.json'. {}",
                      paths.size(), path, kTryHelp));
    }
    sides.contender.push_back(path);
  }
  if (sides.contender.empty()) {
    throw InputError(fmt::format("All {} paths lie in one folder, '{}': name a baseline and a contender. {}",
                                 paths.size(), first.string(), kTryHelp));
  }
  return sides;
}

Paths sides_of(const std::vector<std::string>& paths) {
  if (paths.size() < 2) {
    throw InputError(fmt::format("compare takes a baseline and a contender, and {} was given. {}",
                                 paths.empty() ? "neither" : fmt::format("only '{}'", paths.front()),
                                 kTryHelp));
  }
  if (paths.size() == 2) return {.baseline = {paths[0]}, .contender = {paths[1]}};
  return split_by_folder(paths);
}

Pairing pairing_of(const CompareArguments& arguments) {
  if (arguments.unpaired || !arguments.history.empty()) return Pairing::unpaired;
  return arguments.paired || arguments.claim ? Pairing::paired : Pairing::automatic;
}

struct Sides {
  Side baseline;
  Side contender;
  std::vector<std::string> notes;
};

Sides read_both(const CompareArguments& arguments) {
  const Paths paths = sides_of(arguments.paths);
  Sides sides;
  sides.baseline = read_side(paths.baseline, ExitCode::no_baseline);
  sides.contender = read_side(paths.contender, ExitCode::unreadable);
  return sides;
}

/// Takes the renames out of `options`: the baseline comes with its names of today.
Sides read_contender_alone(const CompareArguments& arguments, CompareOptions& options) {
  if (arguments.paths.size() != 1) {
    throw InputError(fmt::format(
        "With --history compare takes the contender alone, and {} were given. Quote a pattern: "
        "'contender/*.json'. {}",
        arguments.paths.empty() ? "no paths" : fmt::format("{} paths", arguments.paths.size()), kTryHelp));
  }
  HistorySource source{.folder = arguments.history, .renames = std::exchange(options.renames, {})};
  if (!arguments.branch.empty()) source.branch = arguments.branch;
  Sides sides;
  sides.contender = read_side(arguments.paths, ExitCode::unreadable);
  sides.baseline = baseline_from_history(source, sides.contender, options.policy, sides.notes);
  return sides;
}

ExitCode write_claim(const Comparison& comparison, const CompareFlags& flags) {
  const Claim claim = judge_claim(comparison);
  if (flags.format == "junit")
    throw InputError("--claim has no --format=junit: it is one question. Take md, json or text.");
  write_answer(flags.format == "md"     ? claim_markdown(claim)
               : flags.format == "json" ? claim_json(claim)
                                        : claim_text(claim),
               flags);
  return claim.exit_code;
}

ExitCode run(const CompareArguments& arguments) {
  CompareOptions options = options_from(arguments.flags);
  options.pairing = pairing_of(arguments);
  if (arguments.claim && options.allow_different_machine)
    throw InputError("--claim and --allow_different_machine exclude each other: a record is of one machine.");
  Sides sides;
  try {
    sides = arguments.history.empty() ? read_both(arguments) : read_contender_alone(arguments, options);
  } catch (const InputError& error) {
    if (error.code() != ExitCode::no_baseline) throw;
    if (!arguments.allow_no_baseline) {
      throw InputError(fmt::format("No baseline. {} --allow_no_baseline lets it pass.", error.what()),
                       ExitCode::no_baseline);
    }
    print(fmt::format("No baseline, nothing was compared. {}\n", error.what()));
    return ExitCode::ok;
  }
  refuse_to_overwrite_sides({&sides.baseline, &sides.contender}, arguments.flags);
  Comparison comparison = compare(sides.baseline, sides.contender, options);
  if (arguments.claim) return write_claim(comparison, arguments.flags);
  comparison.notes.insert(comparison.notes.begin(), sides.notes.begin(), sides.notes.end());
  explain_findings(sides.baseline, sides.contender, options.renames, comparison);
  return write_comparison(comparison, arguments.flags);
}

}  // namespace

int run_compare(int argc, const char* const* argv) {
  CLI::App app("Compares two sets of results: a verdict for each benchmark and metric.",
               "bench-report compare");
  CompareArguments arguments;
  declare(app, arguments);
  return run_program(app, argc, argv, [&] { return run(arguments); });
}

}  // namespace trainbench::report
