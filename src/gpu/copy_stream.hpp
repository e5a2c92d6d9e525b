#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

namespace trainbench::gpu {

/// Copies tensors from the host to a device on a stream of its own, beside what the current stream computes.
///
/// The host waits for nothing, and no memory is written while something reads it, because LibTorch's two
/// caching allocators are the rings of buffers:
///
/// - on the host a copy comes from pinned memory. Its allocator notes an event behind the copy and does not
///   hand the memory out again before that; it keeps as many buffers as are on their way.
/// - on the device the current stream waits for an event behind the copy before it goes on. The allocator is
///   told that both streams use the memory (record_stream), and hands it out again when both have done what
///   they had been given when the tensor was freed.
///
/// So a tensor that `take` returned may be held or dropped at any time, as any other.
class CopyStream {
 public:
  /// Of the two source files copy_stream_none.cpp, built where there is no nvcc, throws EnvironmentError.
  explicit CopyStream(at::Device device);
  ~CopyStream();
  CopyStream(const CopyStream&) = delete;  // owns an event
  CopyStream& operator=(const CopyStream&) = delete;

  /// Starts to copy tensors that lie on the host. Those that are not in pinned memory are first copied there,
  /// by this thread. Memory formats are kept. Throws std::logic_error where the last copies were not taken.
  void start(const std::vector<at::Tensor>& on_host);

  /// What was started last, for use on the current stream. Throws std::logic_error where there is nothing.
  std::vector<at::Tensor> take();

 private:
  class Copies;
  std::unique_ptr<Copies> copies_;
};

}  // namespace trainbench::gpu
