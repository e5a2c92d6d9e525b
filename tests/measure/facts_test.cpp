#include "src/measure/facts.hpp"

#include <gtest/gtest.h>

namespace trainbench {
namespace {

TEST(Fingerprint, ChangesWithEveryNameAndValue) {
  const Facts facts = {{"cpu", "A"}, {"threads", "2"}};
  EXPECT_EQ(fingerprint(facts), fingerprint(Facts{{"threads", "2"}, {"cpu", "A"}}));
  EXPECT_NE(fingerprint(facts), fingerprint(Facts{{"cpu", "A"}, {"threads", "3"}}));
  EXPECT_NE(fingerprint(facts), fingerprint(Facts{{"cpu", "A"}, {"thread", "2"}}));
  EXPECT_NE(fingerprint(facts), fingerprint(Facts{{"cpu", "A"}}));
  EXPECT_EQ(fingerprint(facts).size(), 16U);
}

TEST(Facts, ComeBackFromJsonWithoutWhatIsNoText) {
  const Facts facts = {{"a", "x \"y\""}, {"b", ""}};
  EXPECT_EQ(facts_from_json(to_json(facts)), facts);
  EXPECT_EQ(facts_from_json(json::object{{"a", 1}, {"b", "z"}}), (Facts{{"b", "z"}}));
}

}  // namespace
}  // namespace trainbench
