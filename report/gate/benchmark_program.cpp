#include "report/gate/benchmark_program.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <system_error>

#include "report/results/benchmark_name.hpp"
#include "report/results/read_results.hpp"
#include "src/base/errors.hpp"
#include "src/base/files.hpp"
#include "src/base/interrupt.hpp"
#include "src/base/process.hpp"

namespace trainbench::report {
namespace {

namespace fs = std::filesystem;

constexpr double kProbeSeconds = 60;
// No list of benchmarks is as long as what a program prints that does not know the flag.
constexpr std::size_t kMostLines = 100000;
constexpr std::size_t kMostBytes = std::size_t{16} << 20;

bool is_interrupted() {
  return interruption().has_value();
}

struct Answer {
  ProcessEnd end;
  std::vector<std::string> lines;  // of standard output
};

/// Runs a command with its standard output on descriptor 3, where every line is read: a list of benchmarks
/// may be longer than the tail of the output that is kept. Throws InputError where it prints without end.
Answer ask(const std::vector<std::string>& command) {
  ProcessRequest request;
  request.arguments = {"/bin/sh", "-c", "exec \"$@\" >&3", "sh"};
  request.arguments.insert(request.arguments.end(), command.begin(), command.end());
  request.timeout_seconds = kProbeSeconds;
  request.should_stop = is_interrupted;
  Answer answer;
  std::size_t bytes = 0;
  request.on_line = [&](std::string_view line) {
    bytes += line.size();
    if (bytes >= kMostBytes || answer.lines.size() >= kMostLines) {
      throw InputError(fmt::format("'{}' cannot be measured: asked for its benchmarks it prints without end.",
                                   command.front()));
    }
    answer.lines.emplace_back(line);
  };
  answer.end = run_process(request);
  return answer;
}

std::string last_line(const std::string& output) {
  const std::size_t end = output.find_last_not_of(" \t\r\n");
  if (end == std::string::npos) return "it said nothing";
  const std::size_t begin = output.find_last_of('\n', end);
  return fmt::format("it said: {}", output.substr(begin + 1, end - begin));
}

/// How a process ended that did not end well; empty where it did.
std::string failure_of(const ProcessEnd& end) {
  if (end.stopped) return "was ended because bench-report was interrupted";
  if (end.timed_out) return "did not end in time and was ended";
  if (end.signal) return fmt::format("was ended by signal {}", *end.signal);
  if (end.exit_code != 0) return fmt::format("ended with exit code {}", *end.exit_code);
  return "";
}

std::vector<std::string> command_of(const BenchmarkProgram& program, const ProcessRun& run,
                                    const fs::path& result) {
  std::vector<std::string> command = {program.path};
  command.insert(command.end(), program.flags.begin(), program.flags.end());
  if (program.is_bench) {
    command.push_back(fmt::format("--seed={}", run.seed));
    command.emplace_back("--benchmark_repetitions=1");
    command.push_back(fmt::format("--out={}", result.string()));
  } else {
    command.push_back(fmt::format("--benchmark_out={}", result.string()));
    command.emplace_back("--benchmark_out_format=json");
  }
  return command;
}

/// The shared libraries that the loader would take, by name. Nothing where ldd does not tell: it fails on a
/// static program too, and ends early where we are interrupted.
std::optional<std::map<std::string, std::string>> libraries_of(const fs::path& program) {
  const Answer told = ask({"/usr/bin/env", "ldd", program.string()});
  if (!failure_of(told.end).empty()) return std::nullopt;
  std::map<std::string, std::string> libraries;
  for (const std::string& line : told.lines) {
    // "	libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f...)"
    const std::size_t arrow = line.find(" => ");
    const std::size_t bracket = line.rfind(" (");
    if (arrow == std::string::npos || bracket == std::string::npos || bracket < arrow + 4) continue;
    libraries[line.substr(0, arrow)] = line.substr(arrow + 4, bracket - arrow - 4);
  }
  return libraries;
}

void refuse_if_interrupted() {
  if (const auto code = interruption()) throw InputError("Interrupted before anything was measured.", *code);
}

bool same_bytes(const fs::path& a, const fs::path& b) {
  std::error_code ignored;  // what cannot be looked at is read, which says why it cannot
  if (fs::equivalent(a, b, ignored)) return true;
  return fs::file_size(a, ignored) == fs::file_size(b, ignored) && read_file(a) == read_file(b);
}

}  // namespace

BenchmarkProgram probe_program(const std::string& path, const std::vector<std::string>& flags) {
  const auto refuse = [&](const std::string& why) {
    return InputError(fmt::format("'{}' cannot be measured: {}.", path, why));
  };
  std::error_code ignored;  // what cannot be looked at is not there
  if (!fs::is_regular_file(path, ignored)) throw refuse("there is no such program");
  BenchmarkProgram program{.path = fs::absolute(path).string(), .flags = flags};
  std::vector<std::string> command = {program.path};
  command.insert(command.end(), flags.begin(), flags.end());
  command.emplace_back("--benchmark_list_tests=true");
  const Answer names = ask(command);
  refuse_if_interrupted();
  if (const std::string failure = failure_of(names.end); !failure.empty()) {
    throw refuse(
        fmt::format("asked for its benchmarks it {}; {}", failure, last_line(names.end.output_tail)));
  }
  if (names.lines.empty()) {
    throw refuse(
        "it names no benchmark: either it is no Google Benchmark program, or --benchmark_filter matches "
        "none");
  }
  const Answer version = ask({program.path, "--version", "--benchmark_list_tests=true"});
  refuse_if_interrupted();
  program.is_bench = !version.lines.empty() && version.lines.front().starts_with("bench ") &&
                     version.lines.front().find("LibTorch") != std::string::npos;
  for (const std::string& line : names.lines)
    program.names.push_back(program.is_bench ? canonical_own_name(line) : canonical_name(line));
  return program;
}

ProcessResult run_once(const BenchmarkProgram& program, const ProcessRun& run) {
  const std::string name = program.is_bench ? run.name : run.name + ".json";
  const fs::path result = run.folder / name;
  ProcessRequest request;
  request.arguments = command_of(program, run, result);
  request.timeout_seconds = run.timeout_seconds;
  request.should_stop = is_interrupted;
  const ProcessEnd end = run_process(request);
  ProcessResult outcome;
  outcome.written = result;
  outcome.file.name = name;
  outcome.file.results.source = result.string();
  // bench says in the rows themselves which of its cases failed.
  const bool rows_tell = program.is_bench && end.exit_code == static_cast<int>(ExitCode::case_failed);
  outcome.failure = rows_tell ? "" : failure_of(end);
  try {
    outcome.file.results = read_results(result);
  } catch (const InputError& error) {
    if (outcome.failure.empty()) outcome.failure = fmt::format("left no result ({})", error.what());
  }
  if (!outcome.failure.empty()) outcome.failure += fmt::format("; {}", last_line(end.output_tail));
  return outcome;
}

bool are_identical(const fs::path& a, const fs::path& b) {
  if (!same_bytes(a, b) || !read_file(a).starts_with("\x7f"
                                                     "ELF"))
    return false;
  const auto of_a = libraries_of(a);
  const auto of_b = libraries_of(b);
  if (!of_a || !of_b || of_a->size() != of_b->size()) return false;
  for (const auto& [name, path] : *of_a) {
    const auto other = of_b->find(name);
    if (other == of_b->end() || !same_bytes(path, other->second)) return false;
  }
  return true;
}

}  // namespace trainbench::report
