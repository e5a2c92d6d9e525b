#include <stdexcept>
#include <string>

#include "src/base/errors.hpp"
#include "src/profile/correlate.hpp"
#include "src/profile/cupti_session.hpp"
#include "src/profile/gpu_recorder.hpp"
#include "src/profile/other_profiler.hpp"
#include "src/profile/recorder_log.hpp"

namespace trainbench::profile {
namespace {

/// The process's one session. Never destroyed: CUPTI's threads may call back until the process ends.
CuptiSession* process_session = nullptr;
bool session_verifies = false;
bool has_recorder = false;

void refuse_pytorch_profiler() {
  if (!pytorch_profiler_is_on()) return;
  throw EnvironmentError(
      "PyTorch's profiler is on in this process, and only one of the two can have CUPTI: end it before the "
      "GPU's recorder is made");
}

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
  process_session->push_operator(operator_number);
}

void pop_operator() noexcept {
  process_session->pop_operator();
}

constexpr OperatorFollower kCuptiStack = {push_operator, pop_operator};

}  // namespace

std::string reason_without_gpu_recorder() {
  try {
    refuse_pytorch_profiler();
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
    refuse_pytorch_profiler();
    session_.open();
    has_recorder = true;
    if (options.verify) set_follower(&kCuptiStack);
  }
  ~Impl() { set_follower(nullptr); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void start() {
    refuse_pytorch_profiler();
    session_.start();
  }
  void pause() { session_.pause(); }

  void finish_into(Profile& profile) {
    set_follower(nullptr);
    correlate(session_.finish(), place_in_profile, profile);
    profile.recorder.merge(cupti_facts(CuptiApi{}));
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
std::vector<std::string> GpuRecorder::warnings() const {
  const std::string warning = cupti_warning(CuptiApi{});
  return warning.empty() ? std::vector<std::string>() : std::vector{warning};
}
void GpuRecorder::finish_into(Profile& profile) {
  impl_->finish_into(profile);
}

}  // namespace trainbench::profile
