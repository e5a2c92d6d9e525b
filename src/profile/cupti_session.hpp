#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "src/profile/activity_buffers.hpp"
#include "src/profile/cupti_api.hpp"
#include "src/profile/gpu_recording.hpp"
#include "src/profile/launch_log.hpp"

namespace trainbench::profile {

struct CuptiOptions {
  /// The innermost open operator of the calling thread; called inside the driver's calls.
  OperatorToken (*innermost_operator)() noexcept = nullptr;
  /// Records CUPTI's own stack of operators too (kind CUSTOM0), from `open` on.
  bool verify = false;
  std::size_t buffer_bytes = std::size_t{8} << 20;
  std::size_t most_buffers = 64;
};

/// One recording of the device by CUPTI's callbacks and activity records. One for a process: CUPTI 13.0
/// numbers the graph launches of a second one wrongly. With the real CUPTI it must not be destroyed, whose
/// threads may call back until the process ends. Never cuptiFinalize, which crashes under CUDA graphs.
///
/// All members are called on one thread, `open` before the first CUDA call of the process. The first call of
/// CUPTI that fails takes back what the others switched on and throws EnvironmentError, and so does every
/// member after it.
class CuptiSession {
 public:
  CuptiSession(const CuptiApi& api, const CuptiOptions& options);
  ~CuptiSession();
  CuptiSession(const CuptiSession&) = delete;
  CuptiSession& operator=(const CuptiSession&) = delete;

  /// Subscribes and listens: to launches, and to the nodes of graphs, which from now on are known by the
  /// operator that captured them. Throws EnvironmentError with reason_without_cupti's reason, or who holds
  /// CUPTI. A second call does nothing.
  void open();

  /// Between `start` and `pause` launches are kept. Both wait for the device: what was launched before has
  /// run when the window begins, and what was launched in it has run when `pause` is back. `start` throws
  /// std::logic_error where it was started already, or is not open.
  void start();
  void pause();

  /// CUPTI's own stack of operators, of the calling thread. A call that fails is counted with the losses.
  void push_operator(OperatorToken caller) noexcept;
  void pop_operator() noexcept;

  /// Ends a window that is open, flushes CUPTI's buffers, reads them, and switches everything off. Losses are
  /// counted in the recording. Throws EnvironmentError where CUPTI died meanwhile, or where it gave not one
  /// record: a profile of nothing is no profile. To be called once.
  GpuRecording finish();

 private:
  /// Inside any CUDA call of any thread: no exception may pass through it.
  static void CUPTIAPI on_callback(void* self, CUpti_CallbackDomain domain, CUpti_CallbackId id,
                                   const void* data) noexcept;
  void handle(CUpti_CallbackDomain domain, CUpti_CallbackId id, const void* data);
  void handle_node(CUpti_CallbackId id, const CUpti_GraphData& graph);
  std::uint64_t id_of(CUgraphNode node);

  void subscribe();
  void listen();
  void listen_to(CUpti_CallbackDomain domain, CUpti_CallbackId end,
                 std::span<const std::string_view> beginnings);
  void enable_callback(CUpti_CallbackDomain domain, CUpti_CallbackId id);
  void enable_kinds(std::span<const CUpti_ActivityKind> kinds);

  void wait();
  /// A flush without force gives the buffers whose records are all complete. After the wait for the device
  /// that should be all, but CUPTI's own thread may lag: it is asked again until each launch has a record.
  /// Some never get one (a copy within the host), so the number of times has a limit. What the forced flush
  /// adds may lack times.
  void collect(GpuRecording& recording);
  void flush(std::uint32_t flag);
  void decode(GpuRecording& recording, std::unordered_set<std::uint32_t>& missing);
  void require_alive();

  const CuptiApi api_;
  const CuptiOptions options_;
  CuptiCalls calls_;
  ActivityBuffers buffers_;
  LaunchLog launches_;
  CUpti_SubscriberHandle subscriber_ = nullptr;
  bool opened_ = false;
  bool recording_ = false;
  bool finished_ = false;
  std::vector<Span> windows_;
  std::atomic<std::int64_t> faults_{0};  // callbacks and marks that failed
  std::mutex fatal_mutex_;
  std::string fatal_;  // CUPTI's last words
};

}  // namespace trainbench::profile
