#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trainbench {

/// What to start: a process in a process group of its own, that dies when this one does.
struct ProcessRequest {
  std::vector<std::string> arguments;              // the first is the program's path
  std::map<std::string, std::string> environment;  // added to this process's own
  double timeout_seconds = 0;                      // 0: none
  // Called with every whole line that the child writes to fd 3; one beyond 16 MiB comes in pieces.
  std::function<void(std::string_view)> on_line;
  std::function<bool()> should_stop;  // polled about ten times a second; true ends the child
};

/// How it ended. Exactly one of `exit_code` and `signal` is set.
struct ProcessEnd {
  std::optional<int> exit_code;
  std::optional<int> signal;
  bool timed_out = false;   // ended by us, because of `timeout_seconds`
  bool stopped = false;     // ended by us, because `should_stop` said so
  std::string output_tail;  // the last 4 KiB that the child wrote to stdout and stderr
};

/// Runs a process to its end, and waits for no process that it leaves behind. Its descriptor 3 is a pipe to
/// us, stdin is empty. A process that is to be ended gets SIGTERM as a group and, two seconds later, SIGKILL.
/// Throws EnvironmentError where no process can be started. What `on_line` throws ends the child and passes.
ProcessEnd run_process(const ProcessRequest& request);

}  // namespace trainbench
