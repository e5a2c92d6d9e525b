#include "src/base/gzip.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

#include "src/base/errors.hpp"

namespace trainbench {
namespace {

constexpr int kGzipFormat = 15 + 16;  // zlib's way to ask for the largest window and a gzip header
constexpr std::size_t kChunk = std::size_t{1} << 20;

/// zlib counts in 32 bits: the next piece of what is left.
void feed(z_stream& stream, std::string_view& rest) {
  const std::size_t size = std::min<std::size_t>(rest.size(), std::numeric_limits<uInt>::max());
  // zlib reads only, and takes no const pointer.
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(rest.data()));
  stream.avail_in = static_cast<uInt>(size);
  rest.remove_prefix(size);
}

/// Calls `step` with room for a chunk behind `text` until it returns something other than Z_OK.
template <class Step>
int grow(std::string& text, z_stream& stream, Step step) {
  int code = Z_OK;
  while (code == Z_OK) {
    const std::size_t filled = text.size();
    text.resize(filled + kChunk);
    stream.next_out = reinterpret_cast<Bytef*>(text.data() + filled);
    stream.avail_out = static_cast<uInt>(kChunk);
    code = step();
    text.resize(filled + kChunk - stream.avail_out);
  }
  return code;
}

class Deflating {
 public:
  Deflating() {
    if (::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipFormat, 8, Z_DEFAULT_STRATEGY) !=
        Z_OK)
      throw std::bad_alloc();
  }
  ~Deflating() { ::deflateEnd(&stream); }
  Deflating(const Deflating&) = delete;
  Deflating& operator=(const Deflating&) = delete;
  z_stream stream{};
};

class Inflating {
 public:
  Inflating() {
    if (::inflateInit2(&stream, kGzipFormat) != Z_OK) throw std::bad_alloc();
  }
  ~Inflating() { ::inflateEnd(&stream); }
  Inflating(const Inflating&) = delete;
  Inflating& operator=(const Inflating&) = delete;
  z_stream stream{};
};

}  // namespace

std::string gzipped(std::string_view text) {
  Deflating deflating;
  std::string bytes;
  grow(bytes, deflating.stream, [&] {
    if (deflating.stream.avail_in == 0 && !text.empty()) feed(deflating.stream, text);
    return ::deflate(&deflating.stream, text.empty() ? Z_FINISH : Z_NO_FLUSH);
  });
  return bytes;
}

bool is_gzipped(std::string_view bytes) noexcept {
  return bytes.starts_with("\x1f\x8b");
}

std::string gunzipped(std::string_view bytes, std::string_view source, std::size_t most_bytes) {
  Inflating inflating;
  std::string text;
  const int code = grow(text, inflating.stream, [&] {
    // With the chunk that is about to be filled.
    if (text.size() > most_bytes + kChunk) {
      throw InputError(fmt::format("{} is a gzip file that holds more than {} bytes: no trace is as large.",
                                   source, most_bytes),
                       ExitCode::unreadable);
    }
    if (inflating.stream.avail_in == 0 && !bytes.empty()) feed(inflating.stream, bytes);
    const int inflated = ::inflate(&inflating.stream, Z_NO_FLUSH);
    const bool has_more = inflating.stream.avail_in > 0 || !bytes.empty();
    return inflated == Z_STREAM_END && has_more ? ::inflateReset(&inflating.stream) : inflated;
  });
  if (code == Z_STREAM_END) return text;
  throw InputError(
      fmt::format("{} is a gzip file that is {}.", source, code == Z_BUF_ERROR ? "cut off" : "damaged"),
      ExitCode::unreadable);
}

}  // namespace trainbench
