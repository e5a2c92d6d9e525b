#include "src/base/errors.hpp"

#include <gtest/gtest.h>

namespace trainbench {
namespace {

TEST(MoreSevere, FollowsTheDocumentedOrderNotTheNumbers) {
  EXPECT_EQ(more_severe(ExitCode::regressed, ExitCode::case_failed), ExitCode::case_failed);
  EXPECT_EQ(more_severe(ExitCode::usage, ExitCode::internal), ExitCode::internal);
  EXPECT_EQ(more_severe(ExitCode::cannot_write, ExitCode::unreadable), ExitCode::cannot_write);
  EXPECT_EQ(more_severe(ExitCode::missing, ExitCode::no_baseline), ExitCode::missing);
  EXPECT_EQ(more_severe(ExitCode::no_baseline, ExitCode::regressed), ExitCode::no_baseline);
  EXPECT_EQ(more_severe(ExitCode::ok, ExitCode::inconclusive), ExitCode::inconclusive);
  EXPECT_EQ(more_severe(ExitCode::ok, ExitCode::ok), ExitCode::ok);
}

TEST(ExitCodeOf, IsTheExceptionsOwnForTheTwoKindsThatCarryOne) {
  EXPECT_EQ(exit_code_of(InputError("x")), ExitCode::usage);
  EXPECT_EQ(exit_code_of(InputError("x", ExitCode::unreadable)), ExitCode::unreadable);
  EXPECT_EQ(exit_code_of(EnvironmentError("x", ExitCode::cannot_write)), ExitCode::cannot_write);
  EXPECT_EQ(exit_code_of(std::logic_error("x")), ExitCode::internal);
}

}  // namespace
}  // namespace trainbench
