#include "src/measure/journal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "src/base/errors.hpp"

namespace trainbench {
namespace {

using testing::HasSubstr;

RunHeader header() {
  RunHeader header;
  header.id = "20260101T000000Z-abc1234";
  header.started_utc = "2026-01-01T00:00:00Z";
  header.commit = "abc1234-dirty";
  header.preset = "quick";
  header.arguments = {"--benchmark_filter=Exp1", "--steps=4"};
  header.machine = {{"cpu", "Model A"}};
  header.noted = {{"load", "0.10"}};
  header.planned_cases = 5;
  return header;
}

CaseResult result_of(const std::string& benchmark) {
  CaseResult result;
  result.benchmark = benchmark;
  return result;
}

std::string whole_journal() {
  return header_line(header()) + "\n" + case_line(result_of("a")) + "\n" + case_line(result_of("b")) + "\n" +
         end_line({.exit_code = 30, .finished_utc = "2026-01-01T00:01:00Z"}) + "\n";
}

std::string message_for(const std::string& text) {
  try {
    parse_journal(text, "'j'");
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), ExitCode::unreadable);
    return error.what();
  }
  return "";
}

TEST(Journal, ComesBackAsItWasWritten) {
  const Journal journal = parse_journal(whole_journal(), "'j'");
  EXPECT_EQ(journal.header.id, header().id);
  EXPECT_EQ(journal.header.started_utc, header().started_utc);
  EXPECT_EQ(journal.header.commit, header().commit);
  EXPECT_EQ(journal.header.preset, header().preset);
  EXPECT_EQ(journal.header.arguments, header().arguments);
  EXPECT_EQ(journal.header.machine, header().machine);
  EXPECT_EQ(journal.header.noted, header().noted);
  EXPECT_EQ(journal.header.planned_cases, 5);
  ASSERT_EQ(journal.cases.size(), 2U);
  EXPECT_EQ(journal.cases[1].benchmark, "b");
  EXPECT_EQ(journal.end->exit_code, 30);
  EXPECT_EQ(journal.end->finished_utc, "2026-01-01T00:01:00Z");
  EXPECT_FALSE(journal.cut_line);
}

TEST(Journal, CutAtAnyByteBehindItsHeaderKeepsEveryWholeLine) {
  const std::string text = whole_journal();
  const std::size_t header_end = text.find('\n') + 1;
  for (std::size_t size = header_end; size < text.size(); ++size) {
    const std::string cut = text.substr(0, size);
    const Journal journal = parse_journal(cut, "'j'");
    const auto whole_lines = static_cast<std::size_t>(std::count(cut.begin(), cut.end(), '\n'));
    EXPECT_EQ(journal.cases.size(), whole_lines - 1) << size;
    EXPECT_EQ(journal.cut_line, cut.back() != '\n') << size;
    EXPECT_FALSE(journal.end) << size;
  }
}

TEST(Journal, WithADamagedLineIsRefusedWithItsNumber) {
  const std::string text = whole_journal();
  const std::size_t second = text.find('\n') + 1;
  std::string damaged = text;
  damaged[second] = 'x';
  EXPECT_THAT(message_for(damaged), HasSubstr("'j' line 2 is not valid JSON"));
  EXPECT_THAT(message_for(header_line(header()) + "\n" + case_line(result_of("a")) + "\n[1]\n"),
              HasSubstr("'j' line 3 is not a journal line"));
  EXPECT_THAT(
      message_for(header_line(header()) + "\n{\"case\":{\"benchmark\":\"a\"}}\n"),
      HasSubstr("'j' line 2 is not a journal line of this program: A case of the journal has no number "
                "'repetition'."));
}

TEST(Journal, OfANewerFormatIsRefused) {
  EXPECT_THAT(message_for("{\"journal\":2,\"run\":{}}\n"),
              HasSubstr("its format is 2, newer than this program's 1"));
}

TEST(Journal, WithoutAHeaderIsRefused) {
  EXPECT_THAT(message_for(""), HasSubstr("'j' is empty"));
  EXPECT_THAT(message_for(case_line(result_of("a")) + "\n"), HasSubstr("line 1"));
  EXPECT_THAT(message_for(header_line(header()).substr(0, 20)), HasSubstr("line 1 is not valid JSON"));
}

TEST(Journal, IgnoresLinesOfALaterKind) {
  const Journal journal = parse_journal(header_line(header()) + "\n{\"note\":{\"text\":\"x\"}}\n", "'j'");
  EXPECT_TRUE(journal.cases.empty());
}

TEST(Journal, ThatDoesNotExistIsNamed) {
  try {
    read_journal("no/such/journal.ndjson");
    FAIL() << "read a file that does not exist";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("no/such/journal.ndjson"));
  }
}

}  // namespace
}  // namespace trainbench
