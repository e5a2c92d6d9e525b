#include "src/base/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>

#include "src/base/errors.hpp"

namespace trainbench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kLineDescriptor = 3;
constexpr std::size_t kTailBytes = 4096;
constexpr auto kPollInterval = std::chrono::milliseconds(100);
constexpr auto kGrace = std::chrono::seconds(2);
constexpr auto kReapEvery = std::chrono::milliseconds(2);
constexpr auto kAtOnce = std::chrono::milliseconds(0);
// A pipe holds 64 KiB unless told otherwise: what the process itself left in it, and no more of what others
// write.
constexpr int kMostReadsOfTheRest = 16;
constexpr std::size_t kLongestLine = std::size_t{16} << 20;
constexpr int kExecFailed = 127;

struct Pipe {
  int read_end = -1;
  int write_end = -1;

  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
      throw EnvironmentError(fmt::format("Cannot make a pipe: {}.", std::generic_category().message(errno)));
    }
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    close_end(read_end);
    close_end(write_end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  static void close_end(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }
};

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (!added.contains(std::string(text.substr(0, text.find('='))))) result.emplace_back(text);
  }
  for (const auto& [name, value] : added) result.push_back(fmt::format("{}={}", name, value));
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  result.reserve(strings.size() + 1);
  for (std::string& text : strings) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

/// Runs in the child between fork and exec: nothing here may allocate.
[[noreturn]] void become(char* const* arguments, char* const* environment, int lines, int output) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  std::signal(SIGPIPE, SIG_DFL);
  const int null = ::open("/dev/null", O_RDONLY);
  // A pipe end that already sits on 3 would keep its close-on-exec flag through dup2: move it away first.
  lines = ::fcntl(lines, F_DUPFD, kLineDescriptor + 1);
  ::dup2(null, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::dup2(lines, kLineDescriptor);
  if (null > kLineDescriptor) ::close(null);
  ::close(lines);
  ::execve(arguments[0], arguments, environment);
  ::_exit(kExecFailed);
}

class Child {
 public:
  explicit Child(const ProcessRequest& request) : request_(request) {
    std::vector<std::string> argument_strings = request.arguments;
    std::vector<std::string> environment_strings = merged_environment(request.environment);
    const std::vector<char*> arguments = pointers(argument_strings);
    const std::vector<char*> environment = pointers(environment_strings);
    pid_ = ::fork();
    if (pid_ < 0) {
      throw EnvironmentError(
          fmt::format("Cannot start a process: {}.", std::generic_category().message(errno)));
    }
    if (pid_ == 0) become(arguments.data(), environment.data(), lines_.write_end, output_.write_end);
    ::setpgid(pid_, pid_);  // also here: whichever of the two runs first
    Pipe::close_end(lines_.write_end);
    Pipe::close_end(output_.write_end);
  }

  ~Child() {
    if (!reaped_) {
      ::kill(-pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  ProcessEnd run() {
    while (!is_over()) {
      // Its pipes can be closed and the child still be there.
      read_what_is_there(is_open() ? kPollInterval : kReapEvery);
      end_when_due();
    }
    for (int i = 0; i < kMostReadsOfTheRest && read_what_is_there(kAtOnce); ++i) continue;
    return end_;
  }

 private:
  bool is_open() const { return lines_.read_end >= 0 || output_.read_end >= 0; }

  /// It has ended and, where we ended it, its group too or the time that the group had for it. A process that
  /// it detached may hold the pipes for ever.
  bool is_over() {
    if (!reaped_ && !reap()) return false;
    return !terminated_at_ || !is_open() || killed_;
  }

  /// Whether there was anything, if only an end.
  bool read_what_is_there(std::chrono::milliseconds wait) {
    std::array<pollfd, 2> polled{pollfd{lines_.read_end, POLLIN, 0}, pollfd{output_.read_end, POLLIN, 0}};
    const int ready = ::poll(polled.data(), polled.size(), static_cast<int>(wait.count()));
    if (polled[0].revents != 0) take(lines_.read_end, [this](std::string_view bytes) { take_lines(bytes); });
    if (polled[1].revents != 0)
      take(output_.read_end, [this](std::string_view bytes) { take_output(bytes); });
    return ready > 0;
  }

  template <class Sink>
  void take(int& descriptor, Sink sink) {
    std::array<char, 65536> buffer{};
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count > 0) {
      sink(std::string_view(buffer.data(), static_cast<std::size_t>(count)));
    } else if (count == 0 || errno != EINTR) {
      Pipe::close_end(descriptor);
    }
  }

  void take_lines(std::string_view bytes) {
    std::size_t searched = unfinished_line_.size();
    unfinished_line_ += bytes;
    std::size_t begin = 0;
    for (std::size_t newline = 0; (newline = unfinished_line_.find('\n', searched)) != std::string::npos;
         searched = begin = newline + 1)
      hand_over(std::string_view(unfinished_line_).substr(begin, newline - begin));
    unfinished_line_.erase(0, begin);
    if (unfinished_line_.size() < kLongestLine) return;
    hand_over(unfinished_line_);
    unfinished_line_.clear();
  }

  void hand_over(std::string_view line) const {
    if (request_.on_line) request_.on_line(line);
  }

  void take_output(std::string_view bytes) {
    end_.output_tail += bytes;
    if (end_.output_tail.size() > kTailBytes) {
      end_.output_tail.erase(0, end_.output_tail.size() - kTailBytes);
    }
  }

  void end_when_due() {
    const auto now = Clock::now();
    if (terminated_at_) {
      killed_ = now - *terminated_at_ > kGrace;
      if (killed_) ::kill(-pid_, SIGKILL);
      return;
    }
    const double elapsed_seconds = std::chrono::duration<double>(now - started_).count();
    end_.timed_out = request_.timeout_seconds > 0 && elapsed_seconds > request_.timeout_seconds;
    end_.stopped = !end_.timed_out && request_.should_stop && request_.should_stop();
    if (end_.timed_out || end_.stopped) {
      ::kill(-pid_, SIGTERM);
      terminated_at_ = now;
    }
  }

  bool reap() {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
    reaped_ = true;
    if (WIFSIGNALED(status)) {
      end_.signal = WTERMSIG(status);
    } else {
      end_.exit_code = WEXITSTATUS(status);
    }
    return true;
  }

  const ProcessRequest& request_;
  Pipe lines_;
  Pipe output_;
  pid_t pid_ = -1;
  bool reaped_ = false;
  bool killed_ = false;
  Clock::time_point started_ = Clock::now();
  std::optional<Clock::time_point> terminated_at_;
  std::string unfinished_line_;
  ProcessEnd end_;
};

}  // namespace

ProcessEnd run_process(const ProcessRequest& request) {
  const bool can_run = !request.arguments.empty() && ::access(request.arguments[0].c_str(), X_OK) == 0;
  if (!can_run) {
    throw EnvironmentError(fmt::format("Cannot start '{}': it is not a program that this user may run.",
                                       request.arguments.empty() ? "" : request.arguments[0]));
  }
  return Child(request).run();
}

}  // namespace trainbench
