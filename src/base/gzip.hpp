#pragma once

#include <string>
#include <string_view>

namespace trainbench {

/// `text` as a gzip file. The same text gives the same bytes: no name and no time in it.
std::string gzipped(std::string_view text);

/// True where `bytes` begin as a gzip file does.
bool is_gzipped(std::string_view bytes) noexcept;

/// A step of ResNet-18 makes a trace of 2 MB: what is larger than this is no trace but made to fill memory.
inline constexpr std::size_t kLargestInflated = std::size_t{4} << 30;

/// What a gzip file, of one member or several, holds. Throws InputError (`unreadable`) that names `source`
/// where it is cut off or damaged, or holds more than `most_bytes`.
std::string gunzipped(std::string_view bytes, std::string_view source,
                      std::size_t most_bytes = kLargestInflated);

}  // namespace trainbench
