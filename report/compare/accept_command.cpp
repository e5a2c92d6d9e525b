#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>
#include <optional>
#include <system_error>

#include "report/compare/compare_flags.hpp"
#include "report/compare/policy.hpp"
#include "report/program/commands.hpp"
#include "report/program/output.hpp"
#include "report/program/program.hpp"
#include "report/results/benchmark_name.hpp"
#include "report/text/calendar.hpp"
#include "src/base/files.hpp"

namespace trainbench::report {
namespace {

constexpr int kDefaultDays = 90;

struct AcceptArguments {
  std::string benchmark;
  std::string metric;
  std::string reason;
  std::string until;
  std::string policy = kPolicyFile;
  std::optional<double> by_percent;
};

void declare(CLI::App& app, AcceptArguments& arguments) {
  app.add_option("BENCHMARK", arguments.benchmark,
                 "The benchmark's name as compare prints it, or a shell pattern")
      ->required();
  app.add_option("METRIC", arguments.metric, "The metric, for example step_time_ms or real_time")->required();
  app.add_option("--reason", arguments.reason, "Why the regression is let pass; every report shows it")
      ->required()
      ->type_name("TEXT");
  app.add_option("--until", arguments.until,
                 fmt::format("The last day (default: {} days from now)", kDefaultDays))
      ->type_name("YYYY-MM-DD");
  app.add_option("--by_percent", arguments.by_percent,
                 "The worst change let pass, of a proportion such as test_accuracy in points (default: any)")
      ->type_name("NUMBER");
  app.add_option("--policy", arguments.policy, fmt::format("The file to write (default: {})", kPolicyFile))
      ->type_name("FILE");
}

Accepted entry_from(const AcceptArguments& arguments) {
  Accepted entry{.benchmark = canonical_name(arguments.benchmark),
                 .metric = arguments.metric,
                 .by_percent = arguments.by_percent,
                 .until = arguments.until.empty() ? day_from_now(kDefaultDays) : arguments.until,
                 .reason = arguments.reason};
  if (!is_day(entry.until))
    throw InputError(fmt::format("--until={} is no day as 2027-01-31. {}", entry.until, kTryHelp));
  if (entry.until < day_from_now(0))
    throw InputError(fmt::format("--until={} is over: nothing would be let pass.", entry.until));
  if (entry.by_percent && !std::isfinite(*entry.by_percent)) {
    throw InputError(fmt::format("--by_percent={} is no percentage: leave it out to let any change pass.",
                                 *entry.by_percent));
  }
  if (entry.by_percent && *entry.by_percent < 0) {
    throw InputError(
        fmt::format("--by_percent={} is negative: an improvement needs no leave.", *entry.by_percent));
  }
  if (entry.benchmark.empty() || entry.metric.empty() || entry.reason.empty())
    throw InputError(fmt::format("BENCHMARK, METRIC and --reason must not be empty. {}", kTryHelp));
  return entry;
}

ExitCode accept(const AcceptArguments& arguments) {
  const Accepted entry = entry_from(arguments);
  std::error_code ignored;  // what cannot be looked at is named by the attempt to read it
  const bool there = std::filesystem::exists(arguments.policy, ignored);
  Policy policy = there ? read_policy(arguments.policy) : Policy();
  std::erase_if(policy.accepted, [&](const Accepted& other) {
    return other.benchmark == entry.benchmark && other.metric == entry.metric;
  });
  policy.accepted.push_back(entry);
  refuse_special_file(arguments.policy);
  write_file_atomically(arguments.policy, policy_text(policy));
  print(fmt::format("'{}' lets {} {} pass until {}.\n", arguments.policy, entry.benchmark, entry.metric,
                    entry.until));
  return ExitCode::ok;
}

}  // namespace

int run_accept(int argc, const char* const* argv) {
  CLI::App app("Lets a known regression pass until a day: written into the policy, shown in every report.",
               "bench-report accept");
  AcceptArguments arguments;
  declare(app, arguments);
  return run_program(app, argc, argv, [&] { return accept(arguments); });
}

}  // namespace trainbench::report
