#include "src/profile/trace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "src/base/json.hpp"
#include "tests/profile/small_profile.hpp"

namespace trainbench::profile {
namespace {

using testing::HasSubstr;

struct Event {
  std::string phase;
  std::string category;
  std::string name;
  std::pair<double, double> lane;
  std::int64_t begin = 0;
  std::int64_t length = 0;
  double id = 0;
  json::object arguments;
};

std::int64_t nanoseconds(const json::object& object, const char* key) {
  return std::llround(number_at(object, key).value_or(0) * 1000);
}

std::vector<Event> events_of(const Profile& profile, const TraceOptions& options = {}) {
  const json::value trace = parse_json(trace_json(profile, options), "trace");
  std::vector<Event> events;
  for (const json::value& value : *array_at(trace.get_object(), "traceEvents")) {
    const json::object& object = value.get_object();
    Event event{.phase = *string_at(object, "ph"),
                .category = string_at(object, "cat").value_or(""),
                .name = *string_at(object, "name"),
                .lane = {*number_at(object, "pid"), number_at(object, "tid").value_or(0)},
                .begin = nanoseconds(object, "ts"),
                .length = nanoseconds(object, "dur"),
                .id = number_at(object, "id").value_or(0)};
    if (const json::object* arguments = object_at(object, "args")) event.arguments = *arguments;
    events.push_back(std::move(event));
  }
  return events;
}

bool nest(const Event& a, const Event& b) {
  const std::int64_t a_end = a.begin + a.length;
  const std::int64_t b_end = b.begin + b.length;
  const bool apart = a_end <= b.begin || b_end <= a.begin;
  return apart || (a.begin <= b.begin && b_end <= a_end) || (b.begin <= a.begin && a_end <= b_end);
}

void expect_nesting(const std::vector<Event>& events) {
  for (const Event& a : events) {
    for (const Event& b : events) {
      if (a.phase != "X" || b.phase != "X" || a.lane != b.lane) continue;
      EXPECT_TRUE(nest(a, b)) << a.name << " and " << b.name;
    }
  }
}

Profile step_with_graph() {
  ProfileBuilder build;
  build.profile = small_step();
  const Index launch = build.launch(130, 140, 2);
  build.kernel("first", 300, 400, launch).stream = 7;
  build.kernel("second", 350, 450, launch).stream = 7;
  build.kernel("third", 360, 500, launch).stream = 7;
  return build.profile;
}

TEST(Trace, HasKinetosCategoriesAndNestsOnEveryLane) {
  const std::vector<Event> events = events_of(step_with_graph());
  std::map<std::string, int> categories;
  for (const Event& event : events) {
    if (event.phase == "X") ++categories[event.category];
  }
  EXPECT_THAT(categories,
              testing::ElementsAre(testing::Pair("cpu_op", 16), testing::Pair("cuda_driver", 1),
                                   testing::Pair("kernel", 3), testing::Pair("user_annotation", 6)));
  expect_nesting(events);
}

TEST(Trace, GivesOverlappingKernelsOfAStreamLanesOfTheirOwn) {
  std::set<std::pair<double, double>> lanes;
  std::set<std::string> names;
  for (const Event& event : events_of(step_with_graph())) {
    if (event.category == "kernel") lanes.insert(event.lane);
    if (event.phase == "M" && event.name == "thread_name") names.insert(*string_at(event.arguments, "name"));
  }
  EXPECT_EQ(lanes.size(), 3U);
  EXPECT_THAT(names, testing::IsSupersetOf({"stream 7", "stream 7 #2", "stream 7 #3"}));
}

TEST(Trace, DrawsEachArrowOnceFromInsideASliceToTheBeginOfOne) {
  const std::vector<Event> events = events_of(step_with_graph());
  std::map<std::string, std::map<double, std::vector<Event>>> arrows;
  for (const Event& event : events) {
    if (event.phase == "s" || event.phase == "f") arrows[event.category][event.id].push_back(event);
  }
  EXPECT_EQ(arrows["fwdbwd"].size(), 3U);
  EXPECT_EQ(arrows["ac2g"].size(), 1U) << "one arrow for a graph's launch, not one for each of its kernels";
  for (const auto& [category, by_id] : arrows) {
    for (const auto& [id, ends] : by_id) {
      ASSERT_EQ(ends.size(), 2U);
      EXPECT_EQ(ends[0].phase, "s");
      EXPECT_EQ(ends[1].phase, "f");
      for (const Event& end : ends) {
        EXPECT_TRUE(std::any_of(events.begin(), events.end(), [&](const Event& slice) {
          return slice.phase == "X" && slice.lane == end.lane && slice.begin == end.begin && slice.length > 0;
        })) << category;
      }
    }
  }
}

TEST(Trace, CarriesGeometryAndTheCallersOfCallsAndKernels) {
  ProfileBuilder build;
  build.profile = step_with_graph();
  build.profile.gpu[0].geometry = build.profile.names.id("grid 16x2x1 block 256x1x1");
  build.profile.gpu[1].caller = build.op("captured", -50, -40);
  std::map<std::string, json::object> arguments;
  for (const Event& event : events_of(build.profile)) arguments[event.name] = event.arguments;
  EXPECT_EQ(number_at(arguments["cuLaunchKernel"], "External id"), 3);
  EXPECT_EQ(json::value(*array_at(arguments["first"], "grid")), parse_json("[16,2,1]", "expected"));
  EXPECT_EQ(json::value(*array_at(arguments["first"], "block")), parse_json("[256,1,1]", "expected"));
  EXPECT_EQ(number_at(arguments["first"], "External id"), 3);
  EXPECT_EQ(number_at(arguments["second"], "External id"), std::nullopt) << "its operator is not drawn";
  EXPECT_EQ(string_at(arguments["second"], "Operator"), "captured");
}

TEST(Trace, DrawsOverheadAndWaitsOnLanesOfTheirOwn) {
  Profile profile = small_step();
  profile.overheads.push_back({.name = profile.names.id("buffer flush"), .time = {100, 300}});
  profile.syncs.push_back({.name = profile.names.id("stream"), .time = {150, 350}});
  std::map<std::string, std::pair<double, double>> lanes;
  const std::vector<Event> events = events_of(profile);
  for (const Event& event : events) {
    if (event.phase == "X") lanes[event.category] = event.lane;
  }
  EXPECT_NE(lanes.at("overhead"), lanes.at("cpu_op"));
  EXPECT_NE(lanes.at("cuda_sync"), lanes.at("cpu_op"));
  EXPECT_NE(lanes.at("cuda_sync"), lanes.at("overhead"));
  expect_nesting(events);
}

TEST(Trace, CarriesShapesSequenceNumbersAndLayers) {
  Profile profile = small_step();
  profile.operators[1].inputs = profile.names.id("float32[2,3,8,8] float32[64,3,3,3]");
  for (const Event& event : events_of(profile)) {
    if (event.name != "aten::convolution") continue;
    EXPECT_EQ(json::value(*array_at(event.arguments, "Input Dims")),
              parse_json("[[2,3,8,8],[64,3,3,3]]", "expected"));
    EXPECT_EQ(json::value(*array_at(event.arguments, "Input type")),
              parse_json(R"(["float32","float32"])", "expected"));
    EXPECT_EQ(number_at(event.arguments, "Sequence number"), 7);
    EXPECT_EQ(string_at(event.arguments, "Layer"), "layer1.0.conv1");
    return;
  }
  FAIL() << "no aten::convolution";
}

TEST(Trace, SurvivesAnyNameAndLeavesItReadable) {
  Numbers numbers(5);
  for (int round = 0; round < 200; ++round) {
    std::string name;
    for (std::int64_t i = numbers.below(12); i >= 0; --i) name += static_cast<char>(1 + numbers.below(255));
    ProfileBuilder build;
    build.step(0, 100);
    build.op(name, 10, 20);
    bool found = false;
    for (const Event& event : events_of(build.profile)) found = found || event.name == mended_utf8(name);
    EXPECT_TRUE(found) << name;
  }
}

TEST(Trace, LeavesOutStepsBeyondTheLimit) {
  ProfileBuilder build;
  for (int step = 0; step < 5; ++step) {
    build.step(100 * step, 100 * step + 100);
    build.op("aten::mm", 100 * step + 10, 100 * step + 20);
  }
  int operators = 0;
  for (const Event& event : events_of(build.profile, {.most_steps = 2}))
    operators += event.name == "aten::mm";
  EXPECT_EQ(operators, 2);
}

TEST(Trace, CountsAllocatedBytes) {
  Profile profile = small_step();
  profile.allocations.push_back({.bytes = 100, .time = {-5, kStillLive}});
  profile.allocations.push_back({.bytes = 50, .time = {130, 700}, .caller = 2});
  std::vector<double> live;
  for (const Event& event : events_of(profile)) {
    if (event.phase == "C") live.push_back(*number_at(event.arguments, "allocated"));
  }
  EXPECT_THAT(live, testing::ElementsAre(150, 100));
}

TEST(MendedUtf8, KeepsWhatIsWellFormed) {
  EXPECT_EQ(mended_utf8("aµ€😀"), "aµ€😀");
  EXPECT_EQ(mended_utf8("a\xff\x80z"), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
  EXPECT_EQ(mended_utf8("\xC0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_THAT(mended_utf8("\xED\xA0\x80"), HasSubstr("\xEF\xBF\xBD"));
  EXPECT_EQ(mended_utf8("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Lanes, HoldOnlySlicesThatNest) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Numbers numbers(seed);
    std::vector<Span> slices(12);
    for (Span& slice : slices) {
      slice.begin_ns = numbers.below(40);
      slice.end_ns = slice.begin_ns + numbers.below(20);
    }
    const std::vector<int> lanes = lanes_of(slices);
    for (std::size_t i = 0; i < slices.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (lanes[i] != lanes[j]) continue;
        const Event a{.begin = slices[i].begin_ns, .length = slices[i].length()};
        const Event b{.begin = slices[j].begin_ns, .length = slices[j].length()};
        ASSERT_TRUE(nest(a, b)) << seed;
      }
    }
  }
}

}  // namespace
}  // namespace trainbench::profile
