#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

namespace trainbench::report {

struct Outcome {
  int code = -1;
  std::string output;  // both streams
};

/// Runs a command as a shell would.
inline Outcome run_in_shell(const std::string& command) {
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return {};
  Outcome outcome;
  std::array<char, 4096> buffer{};
  for (std::size_t count = 0; (count = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    outcome.output.append(buffer.data(), count);
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) outcome.code = WEXITSTATUS(status);
  return outcome;
}

/// Runs the built program, with `before` (variables) in front of it.
inline Outcome run_bench_report_program(const std::string& arguments, const std::string& before = "") {
  return run_in_shell(before + " '" TRAINBENCH_BUILD_DIR "/bench-report' " + arguments);
}

}  // namespace trainbench::report
