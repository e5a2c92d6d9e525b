#include "src/base/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "src/base/errors.hpp"
#include "tests/temporary_folder.hpp"

namespace trainbench {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class Files : public TemporaryFolder {
 protected:
  std::size_t num_entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
};

TEST_F(Files, ComeBackAsTheBytesThatWereWritten) {
  const std::string content("a\0\xff\r\n", 5);
  write_file_atomically(folder_ / "x", content);
  EXPECT_EQ(read_file(folder_ / "x"), content);
  EXPECT_EQ(num_entries(), 1U);
}

TEST_F(Files, LargerThanOneReadComeBackWhole) {
  std::string content(3'000'001, 'x');
  content.back() = 'y';
  write_file_atomically(folder_ / "x", content);
  EXPECT_EQ(read_file(folder_ / "x"), content);
}

TEST_F(Files, OfNoBytesAreEmptyText) {
  write_file_atomically(folder_ / "x", "");
  EXPECT_EQ(read_file(folder_ / "x"), "");
}

TEST_F(Files, AreReplacedWhole) {
  write_file_atomically(folder_ / "x", "a long first text");
  write_file_atomically(folder_ / "x", "short");
  EXPECT_EQ(read_file(folder_ / "x"), "short");
}

TEST_F(Files, ThatCannotBeReadAreNamedWithTheSystemsReason) {
  try {
    read_file(folder_ / "missing");
    FAIL() << "a missing file was read";
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), ExitCode::unreadable);
    EXPECT_THAT(error.what(), HasSubstr("missing': No such file or directory."));
  }
  try {
    read_file(folder_);
    FAIL() << "a folder was read";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("it is a folder, a file is needed."));
  }
}

TEST_F(Files, ThatCannotBeWrittenLeaveNothingBehind) {
  fs::create_directory(folder_ / "taken");
  try {
    write_file_atomically(folder_ / "taken", "x");
    FAIL() << "a folder was replaced";
  } catch (const EnvironmentError& error) {
    EXPECT_EQ(error.code(), ExitCode::cannot_write);
    EXPECT_THAT(error.what(), HasSubstr("Cannot write"));
  }
  EXPECT_EQ(num_entries(), 1U);
  EXPECT_THROW(write_file_atomically(folder_ / "none" / "x", "x"), EnvironmentError);
}

TEST_F(Files, OnAFullDiskAreAFailureToWrite) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  LineFile full("/dev/full");
  try {
    full.append("x");
    FAIL() << "a full disk took a line";
  } catch (const EnvironmentError& error) {
    EXPECT_EQ(error.code(), ExitCode::cannot_write);
    EXPECT_THAT(error.what(), HasSubstr("No space left on device"));
  }
}

TEST_F(Files, OfLinesGrowAndKeepWhatTheyHold) {
  {
    LineFile lines(folder_ / "log");
    lines.append("one");
    EXPECT_EQ(read_file(folder_ / "log"), "one\n");
  }
  LineFile again(folder_ / "log");
  again.append("two");
  EXPECT_EQ(read_file(folder_ / "log"), "one\ntwo\n");
}

TEST_F(Files, FoldersAreMadeWithTheirParents) {
  create_folders(folder_ / "a" / "b");
  create_folders(folder_ / "a" / "b");
  EXPECT_TRUE(fs::is_directory(folder_ / "a" / "b"));
  write_file_atomically(folder_ / "file", "");
  EXPECT_THROW(create_folders(folder_ / "file" / "below"), EnvironmentError);
}

}  // namespace
}  // namespace trainbench
