#include "src/profile/other_profiler.hpp"

#include <c10/util/ThreadLocalDebugInfo.h>
#include <torch/csrc/profiler/orchestration/observer.h>

namespace trainbench::profile {

bool pytorch_profiler_is_on() {
  using torch::profiler::impl::ProfilerStateBase;
  // LibTorch's own profilerEnabled() takes whatever stands in this place for a profiler: a CpuRecorder's
  // memory hook does, too.
  const c10::DebugInfoBase* const own = c10::ThreadLocalDebugInfo::get(c10::DebugInfoKind::PROFILER_STATE);
  const auto* const profiler = dynamic_cast<const ProfilerStateBase*>(own);
  if (profiler != nullptr && !profiler->config().disabled()) return true;
  return ProfilerStateBase::get(/*global=*/true) != nullptr;
}

}  // namespace trainbench::profile
