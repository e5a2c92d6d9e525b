#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <optional>

#include "src/train/step_options.hpp"

namespace at {
enum class Float32Precision;
enum class Float32MatmulPrecision;
}  // namespace at

namespace trainbench {

/// Sets how the GPU computes in float32, for the whole process, and gives every setting back at its end:
/// convolutions, recurrent layers and matrix products in TF32 for Precision::tf32 and in IEEE float32 for
/// every other (LibTorch's default is TF32 in convolutions only), and whether cuDNN measures its algorithms.
/// Guards may be nested; they must end in reverse order.
class Float32Settings {
 public:
  Float32Settings(Precision precision, bool cudnn_benchmark);
  ~Float32Settings();
  Float32Settings(const Float32Settings&) = delete;  // restores once
  Float32Settings& operator=(const Float32Settings&) = delete;

 private:
  at::Float32Precision convolution_;
  at::Float32Precision recurrent_;
  at::Float32Precision matmul_;
  at::Float32Precision onednn_matmul_;
  at::Float32MatmulPrecision matmul_level_;
  bool cudnn_benchmark_;
};

/// Autocast of the calling thread to `dtype` on devices of one type; gives back what was set before, also
/// where an exception passes. The outermost guard's end clears the cache of cast weights, so a guard that
/// begins and ends inside a captured step leaves no cast of another step in the graph. It is meant around
/// forward and loss; backward follows the types that they left.
class Autocast {
 public:
  Autocast(at::DeviceType device, at::ScalarType dtype, bool cache_casts = true);
  ~Autocast();
  Autocast(const Autocast&) = delete;  // ends once
  Autocast& operator=(const Autocast&) = delete;

 private:
  at::DeviceType device_;
  bool was_enabled_;
  at::ScalarType old_dtype_;
  bool old_cache_;
};

/// What autocast casts to; nothing for a precision without autocast.
std::optional<at::ScalarType> autocast_dtype(Precision precision) noexcept;

}  // namespace trainbench
