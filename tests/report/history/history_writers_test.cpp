// What the history's files are worth when a writer is killed, has no room or no right to write, or is not
// alone.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <thread>

#include "tests/report/history/history_commands_fixture.hpp"
#include "tests/report/history/kept_runs.hpp"

namespace trainbench::report::history {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
namespace fs = std::filesystem;

constexpr const char* kReportProgram = TRAINBENCH_BUILD_DIR "/bench-report";

class HistoryWriters : public HistoryCommands {
 protected:
  const fs::path history_ = folder_ / "history";

  /// Every file of the history but the index and its journal: path and content.
  std::map<std::string, std::string> kept_files() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(history_)) {
      const std::string name = entry.path().lexically_relative(history_).string();
      if (entry.is_regular_file() && !name.starts_with("index.sqlite")) all[name] = read_file(entry.path());
    }
    return all;
  }

  std::size_t num_run_files() const {
    std::size_t count = 0;
    std::error_code none_yet;
    for (const auto& entry : fs::directory_iterator(history_ / "2026-11", none_yet)) {
      if (entry.path().extension() == ".ndjson") ++count;
    }
    return count;
  }

  /// Run through this, the program's files may grow to 512 bytes times the number; the signal that more is
  /// would end it, ignored it is an error of writing as on a full disk.
  static std::string with_room_for(int num_blocks) {
    return fmt::format("sh -c 'trap \"\" XFSZ; ulimit -f {}; exec \"$@\"' sh", num_blocks);
  }

  void keep_three_runs() const {
    Store store(history_, true);
    for (int i = 1; i <= 3; ++i) store.add(kept_run(fmt::format("run-{}", i), i, "2026-11-25T12:00:00Z"));
  }

  /// `history add` of the files, in a process of its own.
  pid_t begin_to_add(const std::vector<std::string>& files) const {
    std::vector<std::string> words = {kReportProgram, "history", "add", "--branch=main", "--commit=abc1234"};
    words.push_back("--repository=" + folder_.string());
    words.push_back("--history=" + history_.string());
    words.insert(words.end(), files.begin(), files.end());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const pid_t child = ::fork();
    if (child != 0) return child;
    const int nowhere = ::open("/dev/null", O_WRONLY);
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(nowhere, STDERR_FILENO);
    ::execv(kReportProgram, arguments.data());
    ::_exit(127);
  }

  /// Kills the process once it has written `num_files` files and some more time has passed.
  void kill_after(pid_t child, std::size_t num_files, std::chrono::microseconds later) const {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (num_run_files() < num_files && std::chrono::steady_clock::now() < give_up) {
      if (::waitpid(child, nullptr, WNOHANG) == child) return;
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    std::this_thread::sleep_for(later);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }

  /// The history with its index, and through a fresh one.
  void expect_whole(std::size_t num_runs) const {
    const Store store(history_);
    EXPECT_THAT(store.problems(), IsEmpty());
    EXPECT_THAT(store.runs(), SizeIs(num_runs));
    if (num_runs > 0) {
      EXPECT_THAT(store.series(store.keys({.metric = "real_time"}).at(0)).points, SizeIs(num_runs));
    }
  }
};

TEST_F(HistoryWriters, AWriterThatIsKilledLeavesNothingHalfWritten) {
  constexpr std::size_t kRuns = 60;
  constexpr std::size_t kKills = 8;
  std::vector<std::string> files;
  for (std::size_t i = 0; i < kRuns; ++i)
    files.push_back(result(fmt::format("run{}.json", i), 1 + static_cast<double>(i)));
  std::size_t most_unfinished = 0;
  for (std::size_t i = 0; i < kKills; ++i) {
    kill_after(begin_to_add(files), 5 * i + 1, std::chrono::microseconds(400 * i));
    const std::size_t num_kept = num_run_files();
    if (num_kept < kRuns) most_unfinished = std::max(most_unfinished, num_kept);
    expect_whole(num_kept);
  }
  EXPECT_GT(most_unfinished, 0U) << "no kill came in the middle";
  const pid_t last = begin_to_add(files);
  int status = 0;
  ::waitpid(last, &status, 0);
  EXPECT_EQ(status, 0);
  expect_whole(kRuns);
  fs::remove(history_ / "index.sqlite");
  expect_whole(kRuns);
}

TEST_F(HistoryWriters, WhatAKilledWriterLeftIsRemovedAfterAnHour) {
  keep_three_runs();
  file("history/2026-11/old.ndjson.123.partial", "half");
  file("history/2026-11/new.ndjson.124.partial", "half");
  fs::last_write_time(history_ / "2026-11/old.ndjson.123.partial",
                      fs::file_time_type::clock::now() - std::chrono::hours(2));
  EXPECT_EQ(history("list").code, 0);
  EXPECT_EQ(history("add --commit=abc1234 " + result("a.json", 1)).code, 0);
  const auto files = kept_files();
  EXPECT_EQ(files.count("2026-11/old.ndjson.123.partial"), 0U);
  EXPECT_EQ(files.count("2026-11/new.ndjson.124.partial"), 1U) << "somebody may be writing it";
}

TEST_F(HistoryWriters, WithoutRoomForTheRunNothingIsLeft) {
  keep_three_runs();
  const auto before = kept_files();
  std::string benchmarks;
  for (int i = 0; i < 20; ++i)
    benchmarks +=
        fmt::format(R"({}{{"name": "BM_{}", "real_time": 1, "time_unit": "ms"}})", i == 0 ? "" : ",", i);
  const std::string run =
      file("a.json", R"({"context": {"date": "2026-11-25T12:00:00Z"}, "benchmarks": [)" + benchmarks + "]}");
  const Outcome outcome = history("add --commit=abc1234 " + run, with_room_for(1));
  EXPECT_EQ(outcome.code, 74) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("bench-report: Cannot write 'history/"));
  EXPECT_EQ(kept_files(), before);
  EXPECT_EQ(history("add --commit=abc1234 " + run).code, 0);
  EXPECT_EQ(kept_files().size(), before.size() + 1);
}

TEST_F(HistoryWriters, WithoutRoomForTheIndexTheHistoryIsStillRead) {
  keep_three_runs();
  fs::remove(history_ / "index.sqlite");
  const Outcome list = history("list", with_room_for(8));
  EXPECT_EQ(list.code, 0) << list.output;
  EXPECT_THAT(list.output, AllOf(HasSubstr("| run-1"), HasSubstr("| run-3")));
  const Outcome add = history("add --commit=abc1234 " + result("a.json", 1), with_room_for(8));
  EXPECT_EQ(add.code, 74) << add.output;
  EXPECT_THAT(add.output, HasSubstr("bench-report: Cannot write 'history/index.sqlite'"));
  expect_whole(3);
}

TEST_F(HistoryWriters, WithoutTheRightToWriteTheHistoryIsStillRead) {
  keep_three_runs();
  const auto before = kept_files();
  fs::permissions(folder_, fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
  // Root may write everywhere, so the program runs as somebody else.
  const std::string as_other =
      ::geteuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all " : "";
  if (run_in_shell(as_other + "test -x '" + kReportProgram + "'").code != 0)
    GTEST_SKIP() << "root cannot become a user that may run the program";
  fs::permissions(history_ / "2026-11", fs::perms::owner_write, fs::perm_options::remove);
  fs::permissions(history_, fs::perms::owner_write, fs::perm_options::remove);
  const Outcome list = history("list", as_other);
  const Outcome add = history("add --commit=abc1234 " + result("a.json", 1), as_other);
  fs::permissions(history_, fs::perms::owner_all);
  fs::permissions(history_ / "2026-11", fs::perms::owner_all);
  EXPECT_EQ(list.code, 0) << list.output;
  EXPECT_THAT(list.output, AllOf(HasSubstr("| run-1"), HasSubstr("| run-3")));
  EXPECT_EQ(add.code, 74) << add.output;
  EXPECT_THAT(add.output, HasSubstr("bench-report: Cannot write 'history/"));
  EXPECT_EQ(kept_files(), before);
}

TEST_F(HistoryWriters, ManyAtOnceMakeAnIndexOfAnotherVersionAgain) {
  keep_three_runs();
  std::string index = read_file(history_ / "index.sqlite");
  index[63] = 99;  // the last byte of user_version, at 60 in the header of SQLite's format
  write_file_atomically(history_ / "index.sqlite", index);
  result("a.json", 4);
  const std::string program = "'" + std::string(kReportProgram) + "' history ";
  const Outcome outcome = run_in_shell(
      "cd '" + folder_.string() + "' && { for i in 1 2 3 4 5 6; do { " + program +
      "list >list$i; echo \"list $?\"; } & { " + program +
      "add --branch=main --repository=none --commit=abc1234 a.json; echo \"add $?\"; } & done; wait; }");
  for (int i = 1; i <= 6; ++i) {
    EXPECT_THAT(read_file(folder_ / fmt::format("list{}", i)),
                AllOf(HasSubstr("| run-1"), HasSubstr("| run-3")));
  }
  EXPECT_THAT(outcome.output, AllOf(HasSubstr("list 0\n"), HasSubstr("add 0\n"), Not(HasSubstr("Cannot"))));
  EXPECT_THAT(outcome.output, Not(testing::ContainsRegex("(list|add) [1-9]")));
  const Store store(history_);
  EXPECT_THAT(store.problems(), IsEmpty());
  EXPECT_THAT(store.runs(), SizeIs(4));
}

}  // namespace
}  // namespace trainbench::report::history
