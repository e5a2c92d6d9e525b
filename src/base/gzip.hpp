#pragma once

#include <string>
#include <string_view>

namespace trainbench {

/// `text` as a gzip file. The same text gives the same bytes: no name and no time in it.
std::string gzipped(std::string_view text);

/// True where `bytes` begin as a gzip file does.
bool is_gzipped(std::string_view bytes) noexcept;

/// What a gzip file, of one member or several, holds. Throws InputError (`unreadable`) that names `source`
/// where it is cut off or damaged.
std::string gunzipped(std::string_view bytes, std::string_view source);

}  // namespace trainbench
