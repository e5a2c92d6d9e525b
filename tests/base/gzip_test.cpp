#include "src/base/gzip.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "src/base/errors.hpp"
#include "src/base/files.hpp"
#include "tests/fixtures/program.hpp"
#include "tests/temporary_folder.hpp"

namespace trainbench {
namespace {

using testing::HasSubstr;

/// Bytes that do not compress, larger than the pieces they are worked on in.
std::string noise(std::size_t size) {
  std::mt19937 draw(1);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(draw());
  return text;
}

void expect_unreadable(const std::string& bytes, const std::string& words) {
  try {
    gunzipped(bytes, "'t.gz'");
    ADD_FAILURE() << "was taken: " << words;
  } catch (const InputError& error) {
    EXPECT_EQ(exit_code_of(error), ExitCode::unreadable);
    EXPECT_THAT(error.what(), HasSubstr(words));
  }
}

class Gzip : public TemporaryFolder {};

TEST_F(Gzip, GivesBackWhatItPacked) {
  for (const std::string& text :
       {std::string(), std::string("a"), std::string(5'000'000, 'x'), noise(3'000'001)}) {
    EXPECT_EQ(gunzipped(gzipped(text), "t"), text);
  }
}

TEST_F(Gzip, WritesWhatTheSystemsToolReadsAndReadsWhatItWrites) {
  write_file_atomically(folder_ / "ours.gz", gzipped("{\"traceEvents\": []}"));
  EXPECT_EQ(run_program("gzip -dc ours.gz", folder_).out, "{\"traceEvents\": []}");
  ASSERT_EQ(run_program("(printf one | gzip; printf two | gzip) | tee theirs.gz", folder_).exit_code, 0);
  EXPECT_EQ(gunzipped(read_file(folder_ / "theirs.gz"), "t"), "onetwo") << "members one after the other";
}

TEST_F(Gzip, GivesTheSameBytesForTheSameText) {
  EXPECT_EQ(gzipped("text"), gzipped("text"));
  EXPECT_TRUE(is_gzipped(gzipped("")));
  EXPECT_FALSE(is_gzipped("{}"));
}

TEST_F(Gzip, OfMoreThanTheMostIsRefusedBeforeItFillsMemory) {
  const std::string bomb = gzipped(std::string(std::size_t{8} << 20, '0'));
  EXPECT_EQ(gunzipped(bomb, "'f'", std::size_t{8} << 20).size(), std::size_t{8} << 20);
  try {
    gunzipped(bomb, "'f'", 1000);
    FAIL() << "it was inflated";
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), ExitCode::unreadable);
    EXPECT_STREQ(error.what(), "'f' is a gzip file that holds more than 1000 bytes: no trace is as large.");
  }
}

TEST_F(Gzip, SaysWhatIsWrongWithAFile) {
  const std::string bytes = gzipped(noise(2'000'000));
  expect_unreadable(bytes.substr(0, bytes.size() / 2), "'t.gz' is a gzip file that is cut off.");
  expect_unreadable(bytes.substr(0, 2), "cut off");
  std::string wrong = bytes;
  wrong[wrong.size() / 2] = static_cast<char>(wrong[wrong.size() / 2] + 1);
  expect_unreadable(wrong, "damaged");
  expect_unreadable(bytes + "rest", "damaged");
}

}  // namespace
}  // namespace trainbench
