#include "src/base/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

#include "src/base/errors.hpp"

namespace trainbench {
namespace {

std::string reason_of(int error_number) {
  return std::generic_category().message(error_number);
}

[[noreturn]] void cannot_write(const std::filesystem::path& path, int error_number) {
  throw EnvironmentError(fmt::format("Cannot write '{}': {}.", path.string(), reason_of(error_number)),
                         ExitCode::cannot_write);
}

void write_all(int descriptor, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) cannot_write(path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

}  // namespace

std::string read_file(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    throw InputError(fmt::format("Cannot read '{}': it is a folder, a file is needed.", path.string()),
                     ExitCode::unreadable);
  }
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) {
    throw InputError(fmt::format("Cannot read '{}': {}.", path.string(), reason_of(errno)),
                     ExitCode::unreadable);
  }
  std::string content;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  constexpr std::size_t kChunk = 1 << 20;
  if (!error) content.reserve(size + kChunk);  // room for the last, empty read too: no second copy
  for (;;) {
    const std::size_t filled = content.size();
    content.resize(filled + kChunk);
    const ssize_t count = ::read(file.number(), content.data() + filled, kChunk);
    content.resize(filled + static_cast<std::size_t>(count > 0 ? count : 0));
    if (count == 0) return content;
    if (count < 0 && errno != EINTR) {
      throw InputError(fmt::format("Cannot read '{}': {}.", path.string(), reason_of(errno)),
                       ExitCode::unreadable);
    }
  }
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  const std::filesystem::path partial = path.string() + fmt::format(".{}.partial", ::getpid());
  try {
    const Descriptor file(::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (file.number() < 0) cannot_write(path, errno);
    write_all(file.number(), content, path);
    if (::fsync(file.number()) != 0) cannot_write(path, errno);
    if (::rename(partial.c_str(), path.c_str()) != 0) cannot_write(path, errno);
  } catch (...) {
    ::unlink(partial.c_str());
    throw;
  }
}

void create_folders(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) cannot_write(path, error.value());
}

LineFile::LineFile(const std::filesystem::path& path)
    : path_(path), descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {
  if (descriptor_ < 0) cannot_write(path, errno);
}

LineFile::~LineFile() {
  ::close(descriptor_);
}

void LineFile::append(std::string_view line) {
  std::string whole(line);
  whole += '\n';
  write_all(descriptor_, whole, path_);
}

}  // namespace trainbench
