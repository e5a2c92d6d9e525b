#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "src/ops/gather_batch_launch.hpp"

namespace trainbench::gather {
namespace {

constexpr int kThreads = 256;
// Elements that a thread stores at once: 16 bytes of float32, 8 of the halves. Neighbouring threads store
// neighbouring vectors, in either layout.
constexpr int kVector = 4;
constexpr int kBlocksPerImage = kImage / (kVector * kThreads);
static_assert(kBlocksPerImage * kVector * kThreads == kImage);
static_assert(kMaxBatch * kBlocksPerImage < std::int64_t{1} << 31);
static_assert(kVector * sizeof(float) <= kAlignment);

template <class Value>
struct alignas(kVector * sizeof(Value)) Vector {
  Value values[kVector];
};

// To the nearest, ties to even, as ATen rounds on the CPU.
template <class Value>
__device__ Value rounded(float value);
template <>
__device__ float rounded<float>(float value) {
  return value;
}
template <>
__device__ __half rounded<__half>(float value) {
  return __float2half_rn(value);
}
template <>
__device__ __nv_bfloat16 rounded<__nv_bfloat16>(float value) {
  return __float2bfloat16_rn(value);
}

template <class Value, Layout kLayout>
__global__ void __launch_bounds__(kThreads) gather_images(const Arguments arguments) {
  __shared__ std::int32_t shared_pick;
  const int row = static_cast<int>(blockIdx.x) / kBlocksPerImage;
  const int part = static_cast<int>(blockIdx.x) % kBlocksPerImage;
  if (threadIdx.x == 0) {
    // By one thread: a remainder of 64 bits costs as much as some pixels.
    const std::int64_t slot = *arguments.cursor % arguments.slots;
    shared_pick = arguments.picks[slot * arguments.batch + row];
    if (part == 0) arguments.batch_labels[row] = arguments.labels[unpacked(shared_pick).image];
  }
  __syncthreads();
  const Pick pick = unpacked(shared_pick);
  const std::uint8_t* pixels = arguments.pixels + std::int64_t{pick.image} * kImage;
  const int index = part * kThreads + static_cast<int>(threadIdx.x);
  Vector<Value> vector;
  for (int i = 0; i < kVector; ++i) {
    const Place place = place_of<kLayout>(index * kVector + i);
    vector.values[i] = rounded<Value>(normalised(byte_at(pixels, pick, place), place.channel));
  }
  auto* image = static_cast<Vector<Value>*>(arguments.images) + std::int64_t{row} * (kImage / kVector);
  image[index] = vector;
}

// A kernel of its own: it begins when every block of gather_images has read the cursor, which no order of
// blocks inside one kernel promises without a counter to be reset. In a graph it is one more node, after the
// first and before the next body's, for any number of bodies.
__global__ void advance(std::int64_t* cursor) {
  *cursor += 1;
}

template <class Value>
void launch_images(const Arguments& arguments, Layout layout, cudaStream_t stream) {
  const auto blocks = static_cast<unsigned>(arguments.batch * kBlocksPerImage);
  if (layout == Layout::contiguous) {
    gather_images<Value, Layout::contiguous><<<blocks, kThreads, 0, stream>>>(arguments);
  } else {
    gather_images<Value, Layout::channels_last><<<blocks, kThreads, 0, stream>>>(arguments);
  }
}

}  // namespace

cudaError_t launch(const Arguments& arguments, Element element, Layout layout, cudaStream_t stream) noexcept {
  switch (element) {
    case Element::float32:
      launch_images<float>(arguments, layout, stream);
      break;
    case Element::float16:
      launch_images<__half>(arguments, layout, stream);
      break;
    case Element::bfloat16:
      launch_images<__nv_bfloat16>(arguments, layout, stream);
      break;
  }
  const cudaError_t launched = cudaGetLastError();
  if (launched != cudaSuccess) return launched;
  advance<<<1, 1, 0, stream>>>(arguments.cursor);
  return cudaGetLastError();
}

}  // namespace trainbench::gather
