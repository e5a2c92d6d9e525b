#include "src/profile/tables.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/profile/small_profile.hpp"

namespace trainbench::profile {
namespace {

template <class Row>
const Row* find(const std::vector<Row>& rows, const std::string Row::*name, const std::string& value) {
  for (const Row& row : rows) {
    if (row.*name == value) return &row;
  }
  return nullptr;
}

std::int64_t depth_0_ns(const std::vector<OperatorPlace>& places) {
  std::int64_t sum = 0;
  for (const OperatorPlace& place : places) sum += place.depth == 0 ? place.total_ns : 0;
  return sum;
}

TEST(OperatorRows, ConserveSelfTimeAndCountTotalsOfOutermostCallsOnly) {
  const Profile profile = small_step();
  const std::vector<OperatorPlace> places = attribute(profile);
  const std::vector<OperatorRow> rows = operator_rows(profile, places);
  std::int64_t self = 0;
  for (const OperatorRow& row : rows) self += row.self_ns;
  EXPECT_EQ(self, depth_0_ns(places));
  // The engine's row holds the wrapper and the sum of gradients inside it.
  const OperatorRow* engine = find(rows, &OperatorRow::name, "ConvolutionBackward0 (engine)");
  ASSERT_NE(engine, nullptr);
  EXPECT_EQ(engine->calls, 2);
  EXPECT_EQ(engine->total_ns, 230);
}

TEST(OperatorRows, CollectTypesImplementationsMemoryAndDeviceTime) {
  ProfileBuilder build;
  build.profile = small_step();
  build.at(2).inputs = build.profile.names.id("bfloat16[2,3] float32[1]");
  build.at(2).implementation = build.profile.names.id("jit:avx512_core");
  build.profile.allocations.push_back({.bytes = 64, .time = {130, 150}, .caller = 2});
  build.kernel("k", 300, 330, build.launch(130, 140, 2));
  const std::vector<OperatorRow> rows = operator_rows(build.profile, attribute(build.profile));
  const OperatorRow* row = find(rows, &OperatorRow::name, "aten::mkldnn_convolution");
  ASSERT_NE(row, nullptr);
  EXPECT_THAT(row->dtypes, testing::ElementsAre("bfloat16"));
  EXPECT_THAT(row->implementations, testing::ElementsAre("jit:avx512_core"));
  EXPECT_EQ(row->allocated_bytes, 64);
  EXPECT_EQ(row->device_ns, 30);
  EXPECT_EQ(row->launches, 1);
}

TEST(LayerRows, SumToAllSelfTimeAndKeepForwardAndBackwardApart) {
  const Profile profile = small_step();
  const std::vector<OperatorPlace> places = attribute(profile);
  const std::vector<LayerRow> rows = layer_rows(profile, places);
  std::int64_t sum = 0;
  for (const LayerRow& row : rows) sum += row.forward_ns + row.backward_ns + row.other_ns;
  EXPECT_EQ(sum, depth_0_ns(places));
  EXPECT_EQ(rows.front().layer, "layer1.0.conv1");
  EXPECT_EQ(rows.front().forward_ns, 100);
  EXPECT_EQ(rows.front().backward_ns, 230);
  const LayerRow* none = find(rows, &LayerRow::layer, "");
  EXPECT_EQ(none->other_ns, 50) << "the optimizer's";
}

TEST(PhaseRows, SumToTheWindow) {
  const Profile profile = small_step();
  const std::vector<PhaseRow> rows = phase_rows(profile, attribute(profile));
  std::int64_t wall = 0;
  for (const PhaseRow& row : rows) {
    wall += row.wall_ns;
    EXPECT_LE(row.operators_ns, row.wall_ns);
  }
  EXPECT_EQ(wall, 1000);
  EXPECT_EQ(rows.front().phase, StepPhase::load);
  EXPECT_EQ(rows.front().operators_ns, 0);
}

}  // namespace
}  // namespace trainbench::profile
