#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "src/base/errors.hpp"
#include "src/base/files.hpp"
#include "src/data/dataset.hpp"
#include "src/data/dataset_hash.hpp"

namespace trainbench {
namespace {

constexpr std::size_t kRecordBytes = 1 + kImageBytes;
constexpr std::size_t kMaxRecords = 10'000;
constexpr int kMaxTrainFiles = 5;
constexpr std::string_view kMiniHash = "c0f3756f602e07b6";  // of fixtures/cifar10-mini
constexpr std::string_view kWayOut = "run ci/fetch_cifar10 to download the set, or pass --data=synthetic";

[[noreturn]] void refuse(const std::string& sentence) {
  throw InputError(sentence, ExitCode::unreadable);
}

std::filesystem::path train_file(const std::filesystem::path& folder, int number) {
  return folder / fmt::format("data_batch_{}.bin", number);
}

bool is_there(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

void check_size(const std::filesystem::path& path, std::size_t size) {
  if (size == 0) refuse(fmt::format("'{}' is empty at byte offset 0; {}.", path.string(), kWayOut));
  if (size > kMaxRecords * kRecordBytes) {
    refuse(fmt::format(
        "'{}' is too large: a CIFAR-10 file ends after {} records of {} bytes, at byte offset {}, and "
        "this one has {} bytes; {}.",
        path.string(), kMaxRecords, kRecordBytes, kMaxRecords * kRecordBytes, size, kWayOut));
  }
  if (const std::size_t rest = size % kRecordBytes; rest != 0) {
    refuse(fmt::format(
        "'{}' is cut short or no CIFAR-10 file: the record at byte offset {} has {} of {} bytes; {}.",
        path.string(), size - rest, rest, kRecordBytes, kWayOut));
  }
}

std::string read_records(const std::filesystem::path& path) {
  // A named pipe would be waited on and a device read without end.
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    const char* what = std::filesystem::is_directory(path, error) ? "a folder" : "no regular file";
    refuse(fmt::format("'{}' cannot be read: it is {}; {}.", path.string(), what, kWayOut));
  }
  // Before reading: a wrong file may be larger than the memory.
  check_size(path, std::filesystem::file_size(path));
  std::string bytes = read_file(path);
  check_size(path, bytes.size());
  return bytes;
}

void append_file(const std::filesystem::path& path, ImageSet& set) {
  const std::string bytes = read_records(path);
  set.labels.reserve(set.labels.size() + bytes.size() / kRecordBytes);
  set.pixels.reserve(set.pixels.size() + bytes.size() / kRecordBytes * kImageBytes);
  for (std::size_t offset = 0; offset < bytes.size(); offset += kRecordBytes) {
    const auto* record = reinterpret_cast<const std::uint8_t*>(bytes.data()) + offset;
    if (record[0] >= kNumClasses) {
      refuse(fmt::format("'{}' is no CIFAR-10 file: the label at byte offset {} is {}, not 0 to 9; {}.",
                         path.string(), offset, record[0], kWayOut));
    }
    set.labels.push_back(record[0]);
    set.pixels.insert(set.pixels.end(), record + 1, record + kRecordBytes);
  }
}

/// A sixth file is no part of CIFAR-10, and leaving it out silently would train on less than the user thinks.
void refuse_further_files(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("data_batch_") || !name.ends_with(".bin")) continue;
    bool known = false;
    for (int number = 1; number <= kMaxTrainFiles; ++number) {
      known = known || name == train_file(folder, number).filename();
    }
    if (!known) {
      refuse(fmt::format(
          "'{}' is no file of CIFAR-10, which has data_batch_1.bin to data_batch_{}.bin: take it away; {}.",
          entry.path().string(), kMaxTrainFiles, kWayOut));
    }
  }
}

int count_train_files(const std::filesystem::path& folder) {
  int count = 0;
  while (count < kMaxTrainFiles && is_there(train_file(folder, count + 1))) ++count;
  for (int later = count + 1; later <= kMaxTrainFiles; ++later) {
    if (is_there(train_file(folder, later))) {
      refuse(fmt::format("'{}' is missing although '{}' is there; {}.",
                         train_file(folder, count + 1).string(),
                         train_file(folder, later).filename().string(), kWayOut));
    }
  }
  return count;
}

void check_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (!is_there(folder))
    refuse(fmt::format("The data folder '{}' does not exist; {}.", folder.string(), kWayOut));
  if (!std::filesystem::is_directory(folder, error)) {
    refuse(fmt::format("'{}' is not a folder: --data takes the folder with data_batch_1.bin; {}.",
                       folder.string(), kWayOut));
  }
  if (is_there(train_file(folder, 1)) || is_there(folder / "test_batch.bin")) return;
  if (is_there(folder / "data_batch_1")) {
    refuse(fmt::format("'{}' holds the Python version of CIFAR-10, the binary version is needed; {}.",
                       folder.string(), kWayOut));
  }
  const std::filesystem::path inner = folder / "cifar-10-batches-bin";
  if (is_there(train_file(inner, 1))) {
    refuse(fmt::format("The files are one folder further down: pass --data={}.", inner.string()));
  }
}

}  // namespace

Dataset load_cifar10(const std::filesystem::path& folder) {
  check_folder(folder);
  Dataset set;
  refuse_further_files(folder);
  const int num_train_files = count_train_files(folder);
  if (num_train_files == 0) {
    refuse(fmt::format("'{}' has no data_batch_1.bin; {}.", folder.string(), kWayOut));
  }
  if (!is_there(folder / "test_batch.bin")) {
    refuse(fmt::format("'{}' has no test_batch.bin; {}.", folder.string(), kWayOut));
  }
  set.train.pixels.reserve(static_cast<std::size_t>(num_train_files) * kMaxRecords * kImageBytes);
  for (int number = 1; number <= num_train_files; ++number)
    append_file(train_file(folder, number), set.train);
  append_file(folder / "test_batch.bin", set.test);
  const bool whole = set.train.size() == kMaxTrainFiles * kMaxRecords && set.test.size() == kMaxRecords;
  set.hash = hash_of(set.train, set.test);
  set.id = whole ? "cifar10" : set.hash == kMiniHash ? "cifar10-mini" : "custom";
  return set;
}

}  // namespace trainbench
