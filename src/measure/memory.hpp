#pragma once

#include <cstdint>
#include <optional>

namespace trainbench {

/// Resident memory of this process now, in bytes (VmRSS of /proc/self/status). Nothing where it is unknown.
std::optional<std::int64_t> resident_bytes();

/// Largest resident memory since the process started or since the last reset (VmHWM), in bytes.
std::optional<std::int64_t> peak_resident_bytes();

/// Sets the peak to what is resident now. False where the kernel does not let us.
bool reset_peak_resident();

/// Processor time of this process, all threads, user and system.
double process_cpu_seconds();

inline constexpr double kBytesPerMib = 1024.0 * 1024.0;

}  // namespace trainbench
