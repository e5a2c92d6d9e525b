#include <stdexcept>
#include <string>

#include "src/base/errors.hpp"
#include "src/profile/correlate.hpp"
#include "src/profile/cupti_session.hpp"
#include "src/profile/gpu_recorder.hpp"
#include "src/profile/recorder_log.hpp"

namespace trainbench::profile {
namespace {

/// The process's one session. Never destroyed: CUPTI's threads may call back until the process ends.
CuptiSession* process_session = nullptr;
bool session_verifies = false;
bool has_recorder = false;

CuptiSession& session_of(const GpuRecorderOptions& options) {
  if (process_session == nullptr) {
    session_verifies = options.verify;
    process_session =
        new CuptiSession(CuptiApi{}, {.innermost_operator = innermost_operator, .verify = options.verify});
  }
  if (options.verify && !session_verifies)
    throw std::logic_error("A GPU recorder that verifies is made before its reason is asked for.");
  return *process_session;
}

void push_operator(std::uint64_t operator_number) noexcept {
  cuptiActivityPushExternalCorrelationId(CUPTI_EXTERNAL_CORRELATION_KIND_CUSTOM0, operator_number);
}

void pop_operator() noexcept {
  std::uint64_t last = 0;
  cuptiActivityPopExternalCorrelationId(CUPTI_EXTERNAL_CORRELATION_KIND_CUSTOM0, &last);
}

constexpr OperatorFollower kCuptiStack = {push_operator, pop_operator};

}  // namespace

std::string reason_without_gpu_recorder() {
  try {
    session_of({}).open();
  } catch (const EnvironmentError& error) {
    return error.what();
  }
  return "";
}

class GpuRecorder::Impl {
 public:
  explicit Impl(const GpuRecorderOptions& options) : session_(session_of(options)) {
    if (has_recorder) throw std::logic_error("There is one GPU recorder for a process.");
    session_.open();
    has_recorder = true;
    if (options.verify) set_follower(&kCuptiStack);
  }
  ~Impl() { set_follower(nullptr); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void start() { session_.start(); }
  void pause() { session_.pause(); }

  void finish_into(Profile& profile) {
    set_follower(nullptr);
    correlate(session_.finish(), place_in_profile, profile);
  }

 private:
  CuptiSession& session_;
};

GpuRecorder::GpuRecorder(const GpuRecorderOptions& options) : impl_(std::make_unique<Impl>(options)) {}
GpuRecorder::~GpuRecorder() = default;
void GpuRecorder::start() {
  impl_->start();
}
void GpuRecorder::pause() {
  impl_->pause();
}
void GpuRecorder::finish_into(Profile& profile) {
  impl_->finish_into(profile);
}

}  // namespace trainbench::profile
