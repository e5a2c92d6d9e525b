#include "src/base/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "src/base/errors.hpp"

namespace trainbench {
namespace {

ProcessRequest shell(const std::string& script) {
  return {.arguments = {"/bin/sh", "-c", script}};
}

TEST(RunProcess, GivesTheExitCodeAndWhatWasPrinted) {
  const ProcessEnd end = run_process(shell("echo out; echo err >&2; exit 7"));
  EXPECT_EQ(end.exit_code, 7);
  EXPECT_FALSE(end.signal);
  EXPECT_THAT(end.output_tail, testing::HasSubstr("out"));
  EXPECT_THAT(end.output_tail, testing::HasSubstr("err"));
}

TEST(RunProcess, KeepsOnlyTheTailOfALongOutput) {
  const ProcessEnd end = run_process(shell("i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done"));
  EXPECT_LE(end.output_tail.size(), 4096U);
  EXPECT_THAT(end.output_tail, testing::EndsWith("line 2999\n"));
}

TEST(RunProcess, HandsOverWholeLinesOfDescriptorThree) {
  std::vector<std::string> lines;
  ProcessRequest request = shell("printf 'one\\ntw' >&3; sleep 0.1; printf 'o\\nunfinished' >&3");
  request.on_line = [&](std::string_view line) { lines.emplace_back(line); };
  run_process(request);
  EXPECT_THAT(lines, testing::ElementsAre("one", "two"));
}

TEST(RunProcess, TellsTheSignalThatKilledIt) {
  const ProcessEnd end = run_process(shell("kill -SEGV $$"));
  EXPECT_EQ(end.signal, SIGSEGV);
  EXPECT_FALSE(end.exit_code);
}

TEST(RunProcess, EndsTheWholeGroupOfAProcessThatTakesTooLong) {
  ProcessRequest request = shell("sleep 60 & echo $!; wait");
  request.timeout_seconds = 0.3;
  const ProcessEnd end = run_process(request);
  EXPECT_TRUE(end.timed_out);
  EXPECT_FALSE(end.stopped);
  const pid_t grandchild = std::stoi(end.output_tail);
  // Reaped by init in its own time: it may be a zombie still, but it no longer runs.
  const std::string state = "ps -o stat= -p " + std::to_string(grandchild) + " | grep -qv Z";
  EXPECT_NE(std::system(state.c_str()), 0);
}

TEST(RunProcess, KillsAProcessThatIgnoresTheFirstSignal) {
  ProcessRequest request = shell("trap '' TERM; while :; do sleep 0.1; done");
  request.timeout_seconds = 0.2;
  const ProcessEnd end = run_process(request);
  EXPECT_TRUE(end.timed_out);
  EXPECT_EQ(end.signal, SIGKILL);
}

TEST(RunProcess, EndsAProcessThatClosedItsOutputsAndHangs) {
  ProcessRequest request = shell("exec >&- 2>&- 3>&-; sleep 60");
  request.timeout_seconds = 0.3;
  EXPECT_TRUE(run_process(request).timed_out);
}

/// Runs a script that prints the process that it detached from its group; ends that one, too.
ProcessEnd run_and_end_detached(const std::string& script) {
  ProcessRequest request = shell(script);
  request.timeout_seconds = 1;
  ProcessEnd end = run_process(request);
  ::kill(std::stoi(end.output_tail), SIGKILL);
  return end;
}

TEST(RunProcess, WaitsForNoProcessThatItLeavesBehind) {
  const ProcessEnd end = run_and_end_detached("setsid sleep 60 & echo $!; exit 7");
  EXPECT_EQ(end.exit_code, 7);
  EXPECT_FALSE(end.timed_out);
}

TEST(RunProcess, EndsWhereADetachedProcessOutlivesTheGroupThatTookTooLong) {
  EXPECT_TRUE(run_and_end_detached("setsid sleep 60 & echo $!; sleep 60").timed_out);
}

TEST(RunProcess, GivesTheGroupThatItEndsItsTimeToSayMore) {
  ProcessRequest request = shell("(trap '' TERM; sleep 1; echo late) & sleep 60");
  request.timeout_seconds = 0.5;
  const ProcessEnd end = run_process(request);
  EXPECT_EQ(end.signal, SIGTERM);
  EXPECT_EQ(end.output_tail, "late\n");
}

TEST(RunProcess, ReadsWhatWasWrittenWhileItWasBusy) {
  using std::chrono::milliseconds;
  std::vector<std::string> lines;
  ProcessRequest request = shell("echo one >&3; sleep 0.1; echo two >&3; echo three");
  request.on_line = [&](std::string_view line) {
    lines.emplace_back(line);
    std::this_thread::sleep_for(milliseconds(400));
  };
  const ProcessEnd end = run_process(request);
  EXPECT_THAT(lines, testing::ElementsAre("one", "two"));
  EXPECT_EQ(end.output_tail, "three\n");
}

TEST(RunProcess, HandsOverALineWithoutEndInPieces) {
  constexpr std::size_t kPiece = std::size_t{16} << 20;
  std::vector<std::size_t> sizes;
  ProcessRequest request = shell("head -c 40000000 /dev/zero >&3; echo >&3");
  request.on_line = [&](std::string_view line) { sizes.push_back(line.size()); };
  run_process(request);
  ASSERT_EQ(sizes.size(), 3U);
  EXPECT_GE(sizes[0], kPiece);
  EXPECT_LT(sizes[0], kPiece + 65536);
  EXPECT_EQ(sizes[0] + sizes[1] + sizes[2], 40000000U);
}

TEST(RunProcess, StopsWhenAsked) {
  ProcessRequest request = shell("sleep 60");
  request.should_stop = [] { return true; };
  const ProcessEnd end = run_process(request);
  EXPECT_TRUE(end.stopped);
  EXPECT_FALSE(end.timed_out);
}

TEST(RunProcess, AddsToTheEnvironmentAndReplacesInIt) {
  ::setenv("TRAINBENCH_TEST_VARIABLE", "old", 1);
  ProcessRequest request = shell("echo $TRAINBENCH_TEST_VARIABLE $HOME");
  request.environment = {{"TRAINBENCH_TEST_VARIABLE", "new"}, {"HOME", "/nowhere"}};
  EXPECT_EQ(run_process(request).output_tail, "new /nowhere\n");
  ::unsetenv("TRAINBENCH_TEST_VARIABLE");
}

TEST(RunProcess, GivesTheChildAnEmptyStandardInput) {
  EXPECT_EQ(run_process(shell("wc -c")).output_tail, "0\n");
}

TEST(RunProcess, AnExceptionOfTheListenerEndsTheChildAndPasses) {
  ProcessRequest request = shell("echo line >&3; sleep 60");
  request.on_line = [](std::string_view) { throw std::runtime_error("enough"); };
  EXPECT_THROW(run_process(request), std::runtime_error);
}

TEST(RunProcess, NamesAProgramThatCannotBeStarted) {
  try {
    run_process({.arguments = {"/nonexistent/program"}});
    FAIL() << "it must throw";
  } catch (const EnvironmentError& error) {
    EXPECT_STREQ(error.what(),
                 "Cannot start '/nonexistent/program': it is not a program that this user may run.");
  }
}

}  // namespace
}  // namespace trainbench
