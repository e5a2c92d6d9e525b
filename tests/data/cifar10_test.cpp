#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "src/base/errors.hpp"
#include "src/base/files.hpp"
#include "src/data/dataset.hpp"
#include "tests/temporary_folder.hpp"

namespace trainbench {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// A record whose pixel i is (first + i) mod 251: every row and plane differs.
std::string record(int label, int first) {
  std::string bytes(1, static_cast<char>(label));
  for (int i = 0; i < 3072; ++i) bytes += static_cast<char>((first + i) % 251);
  return bytes;
}

class Cifar10Folder : public TemporaryFolder {
 protected:
  void SetUp() override {
    write("data_batch_1.bin", record(3, 0) + record(9, 7));
    write("test_batch.bin", record(0, 100));
  }

  void write(const std::string& name, const std::string& bytes) {
    write_file_atomically(folder_ / name, bytes);
  }
  void remove(const std::string& name) { std::filesystem::remove(folder_ / name); }

  // The sentence of the refusal, which has the exit code for wrong data.
  std::string refusal() const {
    try {
      load_cifar10(folder_);
    } catch (const InputError& error) {
      EXPECT_EQ(error.code(), ExitCode::unreadable);
      EXPECT_THAT(error.what(), testing::EndsWith("."));
      return error.what();
    }
    return "(no refusal)";
  }
};

TEST_F(Cifar10Folder, IsReadRecordByRecordWithLabelsAndPlanarPixels) {
  const Dataset set = load_cifar10(folder_);
  EXPECT_EQ(set.id, "custom");
  EXPECT_EQ(set.train.labels, (std::vector<std::uint8_t>{3, 9}));
  EXPECT_EQ(set.test.labels, (std::vector<std::uint8_t>{0}));
  ASSERT_EQ(set.train.pixels.size(), 2U * 3072U);
  EXPECT_EQ(set.train.pixels[0], 0);
  EXPECT_EQ(set.train.pixels[3071], 3071 % 251);
  EXPECT_EQ(set.train.pixels[3072], 7);
  EXPECT_EQ(set.test.pixels[0], 100);
}

TEST_F(Cifar10Folder, JoinsItsTrainingFilesInOrder) {
  write("data_batch_2.bin", record(1, 2));
  write("data_batch_3.bin", record(5, 2));
  EXPECT_EQ(load_cifar10(folder_).train.labels, (std::vector<std::uint8_t>{3, 9, 1, 5}));
}

TEST_F(Cifar10Folder, IsNamedCifar10OnlyWhenItIsWhole) {
  std::string ten_thousand;
  for (int i = 0; i < 10'000; ++i) ten_thousand += record(i % 10, i % 100);
  for (int number = 1; number <= 5; ++number) {
    write(fmt::format("data_batch_{}.bin", number), ten_thousand);
  }
  EXPECT_EQ(load_cifar10(folder_).id, "custom");  // its test set has one image
  write("test_batch.bin", ten_thousand);
  const Dataset set = load_cifar10(folder_);
  EXPECT_EQ(set.id, "cifar10");
  EXPECT_EQ(set.train.size(), 50'000U);
  EXPECT_EQ(set.test.size(), 10'000U);
}

TEST_F(Cifar10Folder, HashesToTheSameUntilOneByteOrLabelChanges) {
  const std::string before = load_cifar10(folder_).hash;
  EXPECT_EQ(before.size(), 16U);
  EXPECT_EQ(load_cifar10(folder_).hash, before);
  std::string changed = record(9, 7);
  changed[3072] ^= 1;
  write("data_batch_1.bin", record(3, 0) + changed);
  EXPECT_NE(load_cifar10(folder_).hash, before);
  write("data_batch_1.bin", record(4, 0) + record(9, 7));
  EXPECT_NE(load_cifar10(folder_).hash, before);
  write("data_batch_1.bin", record(9, 7) + record(3, 0));
  EXPECT_NE(load_cifar10(folder_).hash, before);
  write("data_batch_1.bin", record(3, 0) + record(9, 7));
  EXPECT_EQ(load_cifar10(folder_).hash, before);
}

TEST_F(Cifar10Folder, ThatDoesNotExistIsRefusedWithTheWayOut) {
  std::filesystem::remove_all(folder_);
  EXPECT_THAT(refusal(), AllOf(HasSubstr(fmt::format("'{}' does not exist", folder_.string())),
                               HasSubstr("ci/fetch_cifar10"), HasSubstr("--data=synthetic")));
}

TEST_F(Cifar10Folder, ThatIsAFileIsRefused) {
  try {
    load_cifar10(folder_ / "test_batch.bin");
    FAIL() << "a file was taken for a folder";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(),
                AllOf(HasSubstr("test_batch.bin' is not a folder"), HasSubstr("data_batch_1.bin")));
  }
}

TEST_F(Cifar10Folder, WithAPipeInPlaceOfAFileIsRefusedWithoutWaitingForIt) {
  remove("data_batch_1.bin");
  ASSERT_EQ(::mkfifo((folder_ / "data_batch_1.bin").c_str(), 0600), 0);
  EXPECT_THAT(refusal(),
              HasSubstr("data_batch_1.bin' cannot be read: it is no regular file; run ci/fetch_cifar10"));
}

TEST_F(Cifar10Folder, WithAFileThatTheSetDoesNotHaveIsRefused) {
  for (const char* name : {"data_batch_7.bin", "data_batch_01.bin"}) {
    write(name, record(3, 0));
    EXPECT_THAT(refusal(), AllOf(HasSubstr(name), HasSubstr("is no file of CIFAR-10")));
    remove(name);
  }
}

TEST_F(Cifar10Folder, WithoutOneOfItsTwoNecessaryFilesIsRefused) {
  remove("data_batch_1.bin");
  EXPECT_THAT(refusal(), HasSubstr("has no data_batch_1.bin"));
  write("data_batch_1.bin", record(3, 0));
  remove("test_batch.bin");
  EXPECT_THAT(refusal(), HasSubstr("has no test_batch.bin"));
}

TEST_F(Cifar10Folder, WithAGapInItsTrainingFilesIsRefused) {
  write("data_batch_4.bin", record(3, 0));
  EXPECT_THAT(refusal(), HasSubstr("data_batch_2.bin' is missing although 'data_batch_4.bin' is there"));
}

TEST_F(Cifar10Folder, HoldingThePythonVersionIsToldApart) {
  remove("data_batch_1.bin");
  remove("test_batch.bin");
  write("data_batch_1", "pickle");
  EXPECT_THAT(refusal(), HasSubstr("holds the Python version of CIFAR-10"));
}

TEST_F(Cifar10Folder, OneAboveTheFilesNamesTheRightOne) {
  remove("data_batch_1.bin");
  remove("test_batch.bin");
  create_folders(folder_ / "cifar-10-batches-bin");
  write("cifar-10-batches-bin/data_batch_1.bin", record(3, 0));
  EXPECT_THAT(refusal(), HasSubstr(fmt::format("--data={}", (folder_ / "cifar-10-batches-bin").string())));
}

TEST_F(Cifar10Folder, WithAnEmptyFileIsRefused) {
  write("test_batch.bin", "");
  EXPECT_THAT(refusal(), HasSubstr("test_batch.bin' is empty at byte offset 0"));
}

TEST_F(Cifar10Folder, WithATruncatedFileIsRefusedAtTheOffsetOfTheBrokenRecord) {
  write("data_batch_1.bin", record(3, 0) + record(9, 7).substr(0, 3072));
  EXPECT_THAT(refusal(), HasSubstr("the record at byte offset 3073 has 3072 of 3073 bytes"));
}

TEST_F(Cifar10Folder, WithAnOversizedFileIsRefusedAtTheOffsetWhereItShouldEnd) {
  write("data_batch_1.bin", std::string(30'730'001, '\0'));
  EXPECT_THAT(refusal(), AllOf(HasSubstr("at byte offset 30730000"), HasSubstr("has 30730001 bytes")));
}

TEST_F(Cifar10Folder, WithALabelAboveNineIsRefusedAtItsOffset) {
  write("test_batch.bin", record(9, 0) + record(1, 0) + record(10, 0));
  EXPECT_THAT(refusal(),
              HasSubstr("test_batch.bin' is no CIFAR-10 file: the label at byte offset 6146 is 10"));
}

TEST_F(Cifar10Folder, WithAFolderInPlaceOfAFileIsRefused) {
  remove("test_batch.bin");
  create_folders(folder_ / "test_batch.bin");
  EXPECT_THAT(refusal(), HasSubstr("it is a folder"));
}

TEST(CommittedSample, HasOneThousandAndFiveHundredRealImagesOfEveryClass) {
  const Dataset set =
      load_dataset((std::filesystem::path(TRAINBENCH_TESTS_DIR) / "../fixtures/cifar10-mini").string());
  EXPECT_EQ(set.id, "cifar10-mini");
  EXPECT_EQ(set.hash, "c0f3756f602e07b6");
  ASSERT_EQ(set.train.size(), 1'000U);
  ASSERT_EQ(set.test.size(), 500U);
  for (std::uint8_t label = 0; label < 10; ++label) {
    EXPECT_GE(std::count(set.train.labels.begin(), set.train.labels.end(), label), 80);
    EXPECT_GE(std::count(set.test.labels.begin(), set.test.labels.end(), label), 30);
  }
}

}  // namespace
}  // namespace trainbench
