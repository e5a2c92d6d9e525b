#include "report/history/store/commit_place.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "tests/report/history/git_repository.hpp"
#include "tests/temporary_folder.hpp"

namespace trainbench::report::history {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class CommitPlaceTest : public TemporaryFolder {
 protected:
  CommitPlace place(const std::filesystem::path& repository, const std::string& hash = "") {
    notes_.clear();
    return place_of_commit(repository, hash, notes_);
  }

  std::vector<std::string> notes_;
};

TEST_F(CommitPlaceTest, CountsTheCommitsUpToIt) {
  const GitRepository repository(folder_ / "r");
  const std::string first = repository.commit("The first");
  const std::string second = repository.commit("The second");
  const CommitPlace head = place(repository.folder());
  EXPECT_EQ(head.hash, second);
  EXPECT_EQ(head.subject, "The second");
  EXPECT_EQ(head.number, 2);
  const CommitPlace before = place(repository.folder(), first.substr(0, 12));
  EXPECT_EQ(before.hash, first);
  EXPECT_EQ(before.subject, "The first");
  EXPECT_EQ(before.number, 1);
  EXPECT_THAT(notes_, IsEmpty());
}

TEST_F(CommitPlaceTest, CountsAMergeOnce) {
  const GitRepository repository(folder_ / "r");
  repository.commit("1");
  repository.git("checkout -q -b side");
  repository.commit("on the side");
  repository.commit("again on the side");
  repository.git("checkout -q main");
  repository.commit("2");
  repository.git("merge -q --no-ff -m 3 side");
  EXPECT_EQ(place(repository.folder()).number, 3);
}

TEST_F(CommitPlaceTest, ASubjectIsItsFirstLineInUtf8) {
  const GitRepository repository(folder_ / "r");
  repository.git(
      "-c i18n.commitEncoding=ISO-8859-1 commit -q --allow-empty -m \"$(printf 'caf\\351 <b>\\n\\nbody')\"");
  EXPECT_EQ(place(repository.folder()).subject, "caf\xC3\xA9 <b>");
}

TEST_F(CommitPlaceTest, AShallowCloneKnowsTheCommitAndNoNumber) {
  const GitRepository repository(folder_ / "r");
  const std::string first = repository.commit("The first");
  const std::string second = repository.commit("The second");
  repository.git("clone -q --depth=1 'file://" + repository.folder().string() + "' '" +
                 (folder_ / "shallow").string() + "'");
  const CommitPlace head = place(folder_ / "shallow");
  EXPECT_EQ(head.hash, second);
  EXPECT_EQ(head.subject, "The second");
  EXPECT_EQ(head.number, std::nullopt);
  EXPECT_THAT(notes_, ElementsAre(AllOf(HasSubstr("shallow clone"), HasSubstr("fetch-depth: 0"),
                                        HasSubstr("git fetch --unshallow"))));
  EXPECT_EQ(place(folder_ / "shallow", first).number, std::nullopt);
  EXPECT_THAT(notes_,
              ElementsAre(AllOf(HasSubstr("does not know the commit"), HasSubstr("a shallow clone"))));
}

TEST_F(CommitPlaceTest, ACommitThatGitDoesNotKnowStaysAsItIs) {
  const GitRepository repository(folder_ / "r");
  repository.commit("The first");
  const CommitPlace unknown = place(repository.folder(), "abcdef0123456");
  EXPECT_EQ(unknown.hash, "abcdef0123456");
  EXPECT_EQ(unknown.subject, "");
  EXPECT_EQ(unknown.number, std::nullopt);
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("git does not know the commit 'abcdef0123456'")));
}

TEST_F(CommitPlaceTest, OnlyAHashIsHandedToGit) {
  const GitRepository repository(folder_ / "r");
  repository.commit("The first");
  for (const char* text : {"--output=x", "main", "HEAD", "abc", "0123456 ", "$(touch x)"}) {
    EXPECT_EQ(place(repository.folder(), text).number, std::nullopt) << text;
    EXPECT_THAT(notes_, ElementsAre(HasSubstr("is no commit's hash"))) << text;
  }
  EXPECT_FALSE(std::filesystem::exists(repository.folder() / "x"));
}

TEST_F(CommitPlaceTest, WithoutARepositoryOrACommitThereIsANote) {
  EXPECT_EQ(place(folder_).number, std::nullopt);
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("is no git repository")));
  EXPECT_EQ(place(folder_ / "none", "abc1234").hash, "abc1234");
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("is no git repository")));
  const GitRepository empty(folder_ / "empty");
  EXPECT_EQ(place(empty.folder()).hash, "");
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("has no commit yet")));
}

TEST_F(CommitPlaceTest, WithoutGitThereIsANote) {
  const std::string path = ::getenv("PATH");
  ::setenv("PATH", folder_.c_str(), 1);
  EXPECT_EQ(place(folder_, "abc1234").hash, "abc1234");
  ::setenv("PATH", path.c_str(), 1);
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("There is no git here")));
}

TEST_F(CommitPlaceTest, NamesTheBranchThatIsCheckedOut) {
  const GitRepository repository(folder_ / "r");
  repository.commit("The first");
  EXPECT_EQ(current_branch(repository.folder()), "main");
  repository.git("checkout -q -b topic/a");
  EXPECT_EQ(current_branch(repository.folder()), "topic/a");
  repository.git("checkout -q --detach");
  EXPECT_EQ(current_branch(repository.folder()), std::nullopt);
  EXPECT_EQ(current_branch(folder_), std::nullopt);
}

}  // namespace
}  // namespace trainbench::report::history
