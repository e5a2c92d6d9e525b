#include <ATen/native/verbose_wrapper.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

#include "src/base/errors.hpp"
#include "src/profile/onednn_log.hpp"
#include "src/profile/recorder.hpp"
#include "src/profile/recorder_log.hpp"
#include "src/profile/recorder_profile.hpp"

namespace trainbench::profile {
namespace {

/// Standard output goes into memory while this lives, where oneDNN's log is read from.
class TakenOutput {
 public:
  TakenOutput() {
    std::fflush(stdout);
    saved_ = ::dup(STDOUT_FILENO);
    memory_ = ::memfd_create("onednn-log", MFD_CLOEXEC);
    if (saved_ < 0 || memory_ < 0 || ::dup2(memory_, STDOUT_FILENO) < 0) {
      const int reason = errno;
      close_all();
      throw EnvironmentError(fmt::format("Standard output cannot be taken to read oneDNN's log: {}.",
                                         std::generic_category().message(reason)));
    }
  }
  ~TakenOutput() {
    std::fflush(stdout);
    ::dup2(saved_, STDOUT_FILENO);
    close_all();
  }
  TakenOutput(const TakenOutput&) = delete;
  TakenOutput& operator=(const TakenOutput&) = delete;

  int descriptor() const { return memory_; }

  std::string text() const {
    std::string text(static_cast<std::size_t>(::lseek(memory_, 0, SEEK_CUR)), '\0');
    const ssize_t count = ::pread(memory_, text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(count > 0 ? count : 0));
    return text;
  }

 private:
  void close_all() const {
    if (saved_ >= 0) ::close(saved_);
    if (memory_ >= 0) ::close(memory_);
  }

  int saved_ = -1;
  int memory_ = -1;
};

class VerboseOneDnn {
 public:
  VerboseOneDnn() { torch::verbose::_mkldnn_set_verbose(1); }
  ~VerboseOneDnn() { torch::verbose::_mkldnn_set_verbose(0); }
  VerboseOneDnn(const VerboseOneDnn&) = delete;
  VerboseOneDnn& operator=(const VerboseOneDnn&) = delete;
};

class OperatorCallback {
 public:
  OperatorCallback()
      : handle_(at::addGlobalCallback(
            at::RecordFunctionCallback(begin_operator, end_operator)
                .needsInputs(true)
                .scopes({at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION}))) {}
  ~OperatorCallback() { at::removeCallback(handle_); }
  OperatorCallback(const OperatorCallback&) = delete;
  OperatorCallback& operator=(const OperatorCallback&) = delete;

 private:
  at::CallbackHandle handle_;
};

/// The part of the output that each operator of the main thread wrote itself, its callees' parts left out.
std::vector<std::string> own_output(ThreadLog& log, const std::string& output) {
  std::vector<std::string> own(log.operators.size());
  // Callees stand behind their callers: from the end, each has been cut out before its caller is looked at.
  std::vector<std::vector<Span>> inside(log.operators.size());
  for (std::size_t i = log.operators.size(); i-- > 0;) {
    const RawOperator& record = log.operators.at(i);
    if (record.parent != kNone) inside[static_cast<std::size_t>(record.parent)].push_back(record.output);
    std::int64_t at = record.output.begin_ns;
    for (auto callee = inside[i].rbegin(); callee != inside[i].rend(); ++callee) {
      own[i] += output.substr(static_cast<std::size_t>(at), static_cast<std::size_t>(callee->begin_ns - at));
      at = callee->end_ns;
    }
    own[i] +=
        output.substr(static_cast<std::size_t>(at), static_cast<std::size_t>(record.output.end_ns - at));
  }
  return own;
}

/// One step as a profile that holds names and descriptions alone.
Profile described_step(const Recording& recording, ThreadLog& log, const std::string& output) {
  Profile profile;
  const std::vector<std::string> own = own_output(log, output);
  for (std::size_t i = 0; i < log.operators.size(); ++i) {
    const RawOperator& raw = log.operators.at(i);
    const std::string& name = log.names.table().text(raw.name);
    OperatorRecord record{.name = profile.names.id(name)};
    record.implementation = profile.names.id(implementation_text(name, runs_in(own[i])));
    record.inputs = profile.names.id(inputs_text(log.sizes, raw.inputs));
    if (raw.layer >= 0)
      record.layer = profile.names.id(recording.layers[static_cast<std::size_t>(raw.layer)]);
    profile.operators.push_back(record);
  }
  return profile;
}

}  // namespace

void describe_operators(Profile& profile, const NamedParameters& parameters,
                        const std::function<void()>& step) {
  Recording& recording = new_recording();
  name_layers(recording, parameters);
  std::string output;
  {
    const TakenOutput taken;
    recording.output_descriptor = taken.descriptor();
    activate(&recording);
    log_of(recording);
    try {
      const VerboseOneDnn verbose;
      const OperatorCallback callback;
      step();
    } catch (...) {
      activate(nullptr);
      throw;
    }
    activate(nullptr);
    output = taken.text();
  }
  copy_descriptions(described_step(recording, *recording.logs.front(), output), profile);
  release(recording);
}

}  // namespace trainbench::profile
