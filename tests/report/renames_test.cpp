#include "report/results/renames.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/errors.hpp"

namespace trainbench::report {
namespace {

void expect_wrong_renames(std::string_view text, const std::string& sentence) {
  try {
    parse_renames(text, "r.json");
    ADD_FAILURE() << "taken: " << text;
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), ExitCode::unreadable);
    EXPECT_THAT(error.what(), testing::HasSubstr(sentence));
  }
}

TEST(Renames, AreByCanonicalName) {
  const Renames renames =
      parse_renames(R"({"BM_old/8/repeats:3": "BM_new/8/iterations:1", "A": "B"})", "r.json");
  EXPECT_EQ(renames, (Renames{{"BM_old/8", "BM_new/8"}, {"A", "B"}}));
}

TEST(Renames, RefuseWhatIsNoMapOfNames) {
  expect_wrong_renames("[]", "they are not an object");
  expect_wrong_renames("{", "is not valid JSON");
  expect_wrong_renames(R"({"A": 1})", "the new name of \"A\" is no text");
  expect_wrong_renames(R"({"A": ""})", "a name is empty");
  expect_wrong_renames(R"({"A": "C", "A/repeats:3": "D"})", "\"A\" is renamed twice");
  expect_wrong_renames(R"({"A": "C", "B": "C"})", "\"A\" and \"B\" both become \"C\"");
}

}  // namespace
}  // namespace trainbench::report
