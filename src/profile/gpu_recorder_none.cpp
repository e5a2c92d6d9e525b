#include "src/base/errors.hpp"
#include "src/profile/gpu_recorder.hpp"

namespace trainbench::profile {
namespace {

constexpr const char* kReason =
    "this program was built without CUPTI: build it where nvcc and CUPTI's headers are, with "
    "TRAINBENCH_TIER=cuda";

}  // namespace

class GpuRecorder::Impl {};

std::string reason_without_gpu_recorder() {
  return kReason;
}

GpuRecorder::GpuRecorder(const GpuRecorderOptions& /*options*/) {
  throw EnvironmentError(kReason);
}

GpuRecorder::~GpuRecorder() = default;

void GpuRecorder::start() {
  throw EnvironmentError(kReason);
}

void GpuRecorder::pause() {
  throw EnvironmentError(kReason);
}

std::vector<std::string> GpuRecorder::warnings() const {
  return {};
}

void GpuRecorder::finish_into(Profile& /*profile*/) {
  throw EnvironmentError(kReason);
}

}  // namespace trainbench::profile
