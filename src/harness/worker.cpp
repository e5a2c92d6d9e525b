#include "src/harness/worker.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <new>

#include "src/base/errors.hpp"
#include "src/base/interrupt.hpp"
#include "src/base/process.hpp"
#include "src/measure/journal.hpp"

namespace trainbench {
namespace {

constexpr int kLineDescriptor = 3;

WorkerProgress progress_from_json(const json::object& object) {
  return {.phase = string_at(object, "phase").value_or(""),
          .step = static_cast<std::int64_t>(number_at(object, "step").value_or(0)),
          .steps = static_cast<std::int64_t>(number_at(object, "steps").value_or(0)),
          .images_per_second = number_at(object, "images_per_second").value_or(0)};
}

std::string progress_line(const WorkerProgress& progress) {
  return to_json_line(json::object{{"progress",
                                    {{"phase", progress.phase},
                                     {"step", progress.step},
                                     {"steps", progress.steps},
                                     {"images_per_second", progress.images_per_second}}}});
}

/// A worker that was started by hand, without a parent on descriptor 3, speaks on stdout.
int line_descriptor() {
  static const int kDescriptor = ::fcntl(kLineDescriptor, F_GETFD) >= 0 ? kLineDescriptor : STDOUT_FILENO;
  return kDescriptor;
}

/// The parent has gone where this fails: there is nobody left to tell.
void write_line(std::string line) {
  line += '\n';
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = ::write(line_descriptor(), rest.data(), rest.size());
    if (written <= 0) return;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string last_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  const std::size_t newline = text.rfind('\n');
  return std::string(newline == std::string_view::npos ? text : text.substr(newline + 1));
}

std::string reason_of_death(const ProcessEnd& end, double timeout_seconds) {
  if (end.timed_out) {
    return fmt::format(
        "The worker was ended after {:.1f} s, its time-out; --case_timeout=SECONDS sets another.",
        timeout_seconds);
  }
  std::string reason;
  if (end.signal == SIGKILL) {
    reason = "The worker was killed by signal 9; the usual cause is that the system ran out of memory.";
  } else if (end.signal) {
    reason = fmt::format("The worker died of signal {} ({}).", *end.signal, strsignal(*end.signal));
  } else {
    reason = fmt::format("The worker ended with exit code {} and no result.", end.exit_code.value_or(-1));
  }
  const std::string words = last_line(end.output_tail);
  return words.empty() ? reason : fmt::format("{} Its last words: {}", reason, words);
}

void take_line(std::string_view line, const WorkerOptions& options, std::optional<CaseResult>& result) {
  const json::value value = parse_json(line, "A worker's line");
  if (const json::object* progress = object_at(value.as_object(), "progress")) {
    if (options.on_progress) options.on_progress(progress_from_json(*progress));
  } else if (const json::object* measured = object_at(value.as_object(), "case")) {
    result = case_result_from_json(*measured);
  }
}

class RateLimit {
 public:
  bool allows() {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::milliseconds(200)) return false;
    last_ = now;
    return true;
  }

 private:
  std::chrono::steady_clock::time_point last_;
};

}  // namespace

std::optional<CaseResult> run_in_worker(const CaseRequest& request, const WorkerOptions& options) {
  std::optional<CaseResult> result;
  std::string rubbish;
  const ProcessEnd end =
      run_process({.arguments = {options.program.string(), "--worker=" + to_json_line(to_json(request))},
                   .environment = options.environment,
                   .timeout_seconds = options.timeout_seconds,
                   .on_line =
                       [&](std::string_view line) {
                         try {
                           take_line(line, options, result);
                         } catch (const std::exception& error) {
                           rubbish = fmt::format("The worker wrote a line that is no result, '{}': {}",
                                                 line.substr(0, 60), error.what());
                         }
                       },
                   .should_stop = [] { return interruption().has_value(); }});
  if (end.stopped || (!result && interruption())) return std::nullopt;
  if (!rubbish.empty()) return result_without_measurement(request, CaseStatus::failed, rubbish);
  if (result && end.exit_code == 0) return result;
  return result_without_measurement(request, CaseStatus::failed,
                                    reason_of_death(end, options.timeout_seconds));
}

void serve_worker(const CaseRequest& request,
                  const std::function<CaseResult(const CaseRequest&, const ProgressSink&)>& measure) {
  CaseResult result;
  RateLimit limit;
  try {
    result = measure(request, [&](const WorkerProgress& progress) {
      if (limit.allows()) write_line(progress_line(progress));
    });
  } catch (const std::exception& error) {
    result = result_of_failure(request, error);
  }
  write_line(case_line(result));
}

CaseResult result_of_failure(const CaseRequest& request, const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
    return result_without_measurement(request, CaseStatus::failed,
                                      "Out of memory: an allocation was refused.");
  }
  const std::string text = error.what();
  return result_without_measurement(request, CaseStatus::failed, text.substr(0, text.find('\n')));
}

CaseResult result_without_measurement(const CaseRequest& request, CaseStatus status, std::string reason) {
  CaseResult result;
  result.benchmark = request.benchmark;
  result.repetition = request.repetition;
  result.seed = request.seed;
  result.status = status;
  result.reason = std::move(reason);
  result.injected = request.inject;
  return result;
}

}  // namespace trainbench
