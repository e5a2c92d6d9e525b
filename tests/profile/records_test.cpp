#include "src/profile/records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/profile/small_profile.hpp"

namespace trainbench::profile {
namespace {

std::string contradiction_of(const std::function<void(Profile&)>& break_it) {
  Profile profile = small_step();
  require_consistent(profile);
  break_it(profile);
  try {
    require_consistent(profile);
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return "consistent";
}

TEST(Records, SayWhatContradictsWhat) {
  EXPECT_EQ(contradiction_of([](Profile& p) { p.operators[1].parent = 5; }),
            "Operator 1 stands before its parent 5.");
  EXPECT_EQ(contradiction_of([](Profile& p) { p.operators[1].time.end_ns = 500; }),
            "Operator 1 is not inside its parent 0.");
  EXPECT_EQ(contradiction_of([](Profile& p) { p.operators[3].time.begin_ns = 150; }),
            "Operator 3 overlaps the one before.");
  EXPECT_EQ(contradiction_of([](Profile& p) { p.operators[2].thread = 3; }),
            "Operator 2 is of thread 3, which does not exist.");
  EXPECT_EQ(contradiction_of([](Profile& p) { p.operators[0].name = 9999; }),
            "Operator 0 has a name that is not in the table.");
  EXPECT_EQ(contradiction_of([](Profile& p) { p.phases[1].time.begin_ns = 50; }),
            "Phase 1 begins before the one before has ended.");
  EXPECT_EQ(contradiction_of([](Profile& p) { p.steps[0].end_ns = -1; }), "Step 0 ends before it begins.");
  EXPECT_EQ(contradiction_of([](Profile& p) {
              p.gpu.push_back({.time = {0, 1}, .launch = 4});
            }),
            "GPU record 0 has a launch or an operator that does not exist.");
  EXPECT_EQ(contradiction_of([](Profile& p) { p.allocations.push_back({.bytes = 1, .caller = 999}); }),
            "Allocation 0 has an operator that does not exist.");
}

TEST(Window, IsThatOfTheStepsOrElseOfTheMainThread) {
  Profile profile = small_step();
  EXPECT_EQ(window_of(profile), (Span{0, 1000}));
  profile.steps.clear();
  EXPECT_EQ(window_of(profile), (Span{100, 960}));
  EXPECT_EQ(window_of(Profile{}), (Span{0, 0}));
}

TEST(Names, AreKeptOnceAndTheFirstIsEmpty) {
  NameTable names;
  EXPECT_EQ(names.text(kNoName), "");
  const NameId id = names.id("aten::mm");
  EXPECT_EQ(names.id("aten::mm"), id);
  EXPECT_EQ(names.find("aten::mm"), id);
  EXPECT_EQ(names.find("aten::add"), std::nullopt);
  EXPECT_THROW(names.text(7), std::logic_error);
}

TEST(Fault, IsWhatWasLostOrAttributedUnlike) {
  EXPECT_EQ(fault_of({}, std::nullopt), std::nullopt);
  EXPECT_EQ(fault_of({}, DoubleEntry{.records = 12, .alike = 12}), std::nullopt);
  EXPECT_EQ(fault_of({}, DoubleEntry{.records = 12, .alike = 11}),
            "two mechanisms attributed 1 of 12 GPU records unlike");
  EXPECT_EQ(
      fault_of({.untimed = 3}, DoubleEntry{.records = 12, .alike = 11}),
      "records were lost (dropped 0, without times 3, without operator 0, beyond the recorder's limit 0)");
}

}  // namespace
}  // namespace trainbench::profile
