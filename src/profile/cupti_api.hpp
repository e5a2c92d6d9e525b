#pragma once

#include <cuda_runtime_api.h>
#include <cupti.h>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "src/measure/facts.hpp"

namespace trainbench::profile {

/// Every function of CUPTI that we call, and the three of the runtime that go with them. The defaults are the
/// real ones; tests put scripts in their place.
///
/// Without a driver each call of CUPTI answers an error after some 30 us of trying: reason_without_cupti
/// comes first, and where it has a reason nothing else is called.
struct CuptiApi {
  decltype(&::cudaGetDeviceCount) device_count = &::cudaGetDeviceCount;
  decltype(&::cudaGetErrorString) cuda_error_text = &::cudaGetErrorString;
  decltype(&::cudaDeviceSynchronize) synchronize = &::cudaDeviceSynchronize;

  decltype(&::cuptiGetVersion) version = &::cuptiGetVersion;
  decltype(&::cuptiGetResultString) result_text = &::cuptiGetResultString;

  decltype(&::cuptiSubscribe_v2) subscribe = &::cuptiSubscribe_v2;
  decltype(&::cuptiUnsubscribe) unsubscribe = &::cuptiUnsubscribe;
  decltype(&::cuptiEnableCallback) enable_callback = &::cuptiEnableCallback;
  decltype(&::cuptiGetCallbackName) callback_name = &::cuptiGetCallbackName;
  decltype(&::cuptiGetGraphNodeId) graph_node_id = &::cuptiGetGraphNodeId;

  decltype(&::cuptiActivityPushExternalCorrelationId) push_mark = &::cuptiActivityPushExternalCorrelationId;
  decltype(&::cuptiActivityPopExternalCorrelationId) pop_mark = &::cuptiActivityPopExternalCorrelationId;

  decltype(&::cuptiActivitySetAttribute) set_attribute = &::cuptiActivitySetAttribute;
  decltype(&::cuptiActivityRegisterTimestampCallback) register_clock =
      &::cuptiActivityRegisterTimestampCallback;
  decltype(&::cuptiActivityRegisterCallbacks) register_buffers = &::cuptiActivityRegisterCallbacks;
  decltype(&::cuptiActivityEnable) enable_kind = &::cuptiActivityEnable;
  decltype(&::cuptiActivityDisable) disable_kind = &::cuptiActivityDisable;
  decltype(&::cuptiActivityFlushAll) flush = &::cuptiActivityFlushAll;
  decltype(&::cuptiActivityGetNextRecord) next_record = &::cuptiActivityGetNextRecord;
  decltype(&::cuptiActivityGetNumDroppedRecords) dropped_records = &::cuptiActivityGetNumDroppedRecords;
};

/// Why the GPU cannot be recorded, as far as can be seen before subscribing: no driver, no GPU, a CUPTI that
/// is older than the one compiled against. Empty where it can. Makes no call of CUPTI where there is no GPU.
std::string reason_without_cupti(const CuptiApi& api);

/// Of two copies of libcupti in a process the one loaded first answers: its path ("libcupti") and its version
/// ("libcupti_version").
Facts cupti_facts(const CuptiApi& api);

/// What is known to be wrong with a libcupti of that version, in a sentence; empty where nothing is.
std::string cupti_warning(const CuptiApi& api);

/// What to do about `result` of the function `call`, in a sentence. `holder` is who CUPTI says has it, empty
/// where it does not say.
std::string cupti_sentence(const CuptiApi& api, std::string_view call, CUptiResult result,
                           std::string_view holder = {});

/// Makes calls of CUPTI and remembers how to take them back. At the first one that fails, takes back all that
/// succeeded, in reverse order, and throws; from then on it makes no call.
class CuptiCalls {
 public:
  using Call = std::function<CUptiResult()>;

  explicit CuptiCalls(const CuptiApi& api) : api_(api) {}

  /// Throws EnvironmentError with the sentence of the first failure. `undo` may be empty.
  void make(std::string_view name, const Call& call, Call undo = {});
  /// As `make` with a result that was got already, of which `holder` is known.
  void check(std::string_view name, CUptiResult result, std::string_view holder, Call undo = {});
  /// Fails with `sentence`, as a call that failed.
  [[noreturn]] void refuse(const std::string& sentence);
  /// Takes back all, errors ignored.
  void unwind() noexcept;
  /// The first failure's sentence; empty where there was none.
  const std::string& fault() const { return fault_; }

 private:
  const CuptiApi& api_;
  std::vector<Call> undos_;
  std::string fault_;
};

}  // namespace trainbench::profile
