#include "src/harness/case_request.hpp"

#include <gtest/gtest.h>

#include "src/base/errors.hpp"

namespace trainbench {
namespace {

TEST(CaseRequest, SurvivesTheWayToTheWorker) {
  const CaseRequest request{.benchmark = "Exp2/batch:64/threads:2",
                            .experiment = "Exp2",
                            .axes = {{"batch", 64}, {"threads", 2}},
                            .repetition = 3,
                            .seed = 12,
                            .warmup_steps = 4,
                            .steps = 50,
                            .epochs = 2,
                            .evaluation_images = 1000,
                            .gpu = 3,
                            .preset = "quick",
                            .data = "/a folder/with \"quotes\"",
                            .inject = "slow:5"};
  const CaseRequest back = case_request_from_json(to_json_line(to_json(request)));
  EXPECT_EQ(to_json(back), to_json(request));
}

TEST(CaseRequest, AxisOrGivesTheOtherwiseOfAnAxisThatIsNotThere) {
  const CaseRequest request{.axes = {{"batch", 64}}};
  EXPECT_EQ(request.axis_or("batch", 128), 64);
  EXPECT_EQ(request.axis_or("workers", 0), 0);
}

TEST(CaseRequest, TextThatIsNoRequestIsAnInputError) {
  EXPECT_THROW(case_request_from_json("nonsense"), InputError);
  EXPECT_THROW(case_request_from_json("[]"), InputError);
  EXPECT_THROW(case_request_from_json(R"({"benchmark":"x"})"), InputError);
}

}  // namespace
}  // namespace trainbench
