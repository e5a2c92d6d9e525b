#include "src/base/nearest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trainbench {
namespace {

using testing::ElementsAre;

const std::vector<std::string> kNames = {"Exp1_CPU_1T/batch:128", "Exp2_CPU_NT/batch:128", "Loader_CPU"};

TEST(Nearest, PutsANameThatContainsTheWordFirstWhateverItsCase) {
  EXPECT_THAT(nearest("exp2", kNames, 1), ElementsAre("Exp2_CPU_NT/batch:128"));
}

TEST(Nearest, FindsATypingError) {
  EXPECT_THAT(nearest("Laoder_CPU", kNames, 1), ElementsAre("Loader_CPU"));
}

TEST(Nearest, PrefersANameThatHoldsAlmostTheWordToAShortOneThatDoesNot) {
  EXPECT_THAT(nearest("exp7", kNames, 2), ElementsAre("Exp1_CPU_1T/batch:128", "Exp2_CPU_NT/batch:128"));
}

TEST(Nearest, GivesNoMoreThanThereAre) {
  EXPECT_EQ(nearest("x", kNames, 9).size(), 3U);
  EXPECT_TRUE(nearest("x", {}, 3).empty());
}

TEST(QuotedChoice, ReadsAsASentence) {
  EXPECT_EQ(quoted_choice(std::vector<std::string>{"a"}), "'a'");
  EXPECT_EQ(quoted_choice(std::vector<std::string>{"a", "b", "c"}), "'a', 'b' or 'c'");
}

}  // namespace
}  // namespace trainbench
