#pragma once

#include <cstddef>
#include <cstdint>

#include "src/profile/cupti_api.hpp"
#include "src/profile/gpu_recording.hpp"

namespace trainbench::profile {

/// What a buffer held beside the records that were added to the recording.
struct DecodedBuffer {
  std::int64_t records = 0;  // all that the iterator gave
  std::int64_t foreign = 0;  // of kinds that we did not ask for; skipped
  bool whole = true;         // false: what follows the records is none, and was lost
};

/// Appends the records of `valid` bytes that CUPTI filled to `recording`: kernels, copies and sets to `gpu`,
/// overheads, waits of the host, and marks of external correlation of kind CUSTOM0. Those of the device
/// without times count as untimed. Names are copied: CUPTI owns them. Buffers may come in any order.
///
/// `bytes` is not const for CUPTI's sake. The detail of an overhead is freed, as CUPTI asks of its client:
/// decode a buffer once.
DecodedBuffer decode_buffer(const CuptiApi& api, std::uint8_t* bytes, std::size_t valid,
                            GpuRecording& recording);

}  // namespace trainbench::profile
