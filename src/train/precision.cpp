#include "src/train/precision.hpp"

#include <ATen/Context.h>
#include <ATen/autocast_mode.h>

namespace trainbench {
namespace {

using at::Float32Backend;
using at::Float32Op;

// The old setters first, then the new ones: LibTorch 2.11 keeps both and throws at a query where they differ.
void set_cudnn(at::Float32Precision convolution, at::Float32Precision recurrent) {
  at::Context& context = at::globalContext();
  context.setAllowTF32CuDNN(convolution == at::Float32Precision::TF32);
  context.setFloat32Precision(Float32Backend::CUDA, Float32Op::CONV, convolution);
  context.setFloat32Precision(Float32Backend::CUDA, Float32Op::RNN, recurrent);
}

void set_cublas(bool tf32) {
  at::Context& context = at::globalContext();
  context.setAllowTF32CuBLAS(tf32);
  context.setFloat32Precision(Float32Backend::CUDA, Float32Op::MATMUL,
                              tf32 ? at::Float32Precision::TF32 : at::Float32Precision::IEEE);
}

const char* name_of(at::Float32MatmulPrecision level) {
  switch (level) {
    case at::Float32MatmulPrecision::HIGHEST:
      return "highest";
    case at::Float32MatmulPrecision::HIGH:
      return "high";
    case at::Float32MatmulPrecision::MEDIUM:
      return "medium";
  }
  return "highest";
}

}  // namespace

Float32Settings::Float32Settings(Precision precision, bool cudnn_benchmark)
    : convolution_(at::globalContext().float32Precision(Float32Backend::CUDA, Float32Op::CONV)),
      recurrent_(at::globalContext().float32Precision(Float32Backend::CUDA, Float32Op::RNN)),
      matmul_(at::globalContext().float32Precision(Float32Backend::CUDA, Float32Op::MATMUL)),
      onednn_matmul_(at::globalContext().float32Precision(Float32Backend::MKLDNN, Float32Op::MATMUL)),
      matmul_level_(at::globalContext().float32MatmulPrecision()),
      cudnn_benchmark_(at::globalContext().benchmarkCuDNN()) {
  const bool tf32 = precision == Precision::tf32;
  const at::Float32Precision wanted = tf32 ? at::Float32Precision::TF32 : at::Float32Precision::IEEE;
  set_cudnn(wanted, wanted);
  set_cublas(tf32);
  at::globalContext().setBenchmarkCuDNN(cudnn_benchmark);
}

Float32Settings::~Float32Settings() {
  at::Context& context = at::globalContext();
  set_cudnn(convolution_, recurrent_);
  // Sets oneDNN's matrix products too.
  context.setFloat32MatmulPrecision(name_of(matmul_level_));
  context.setFloat32Precision(Float32Backend::CUDA, Float32Op::MATMUL, matmul_);
  context.setFloat32Precision(Float32Backend::MKLDNN, Float32Op::MATMUL, onednn_matmul_);
  context.setBenchmarkCuDNN(cudnn_benchmark_);
}

Autocast::Autocast(at::DeviceType device, at::ScalarType dtype, bool cache_casts)
    : device_(device),
      was_enabled_(at::autocast::is_autocast_enabled(device)),
      old_dtype_(at::autocast::get_autocast_dtype(device)),
      old_cache_(at::autocast::is_autocast_cache_enabled()) {
  at::autocast::increment_nesting();
  at::autocast::set_autocast_enabled(device_, true);
  at::autocast::set_autocast_dtype(device_, dtype);
  at::autocast::set_autocast_cache_enabled(cache_casts);
}

Autocast::~Autocast() {
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(device_, was_enabled_);
  at::autocast::set_autocast_dtype(device_, old_dtype_);
  at::autocast::set_autocast_cache_enabled(old_cache_);
}

std::optional<at::ScalarType> autocast_dtype(Precision precision) noexcept {
  switch (precision) {
    case Precision::amp_fp16:
      return at::kHalf;
    case Precision::amp_bf16:
      return at::kBFloat16;
    case Precision::fp32:
    case Precision::tf32:
    case Precision::half:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace trainbench
