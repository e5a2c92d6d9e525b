#include "src/profile/profile_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "src/base/errors.hpp"
#include "src/base/json.hpp"
#include "tests/profile/small_profile.hpp"

namespace trainbench::profile {
namespace {

using testing::HasSubstr;

/// A profile with every kind of record and every member off its default.
Profile full_profile() {
  ProfileBuilder build;
  build.profile = small_step();
  build.profile.repetition = 3;
  build.profile.measurement = {{"batch", "128"}};
  build.profile.machine = {{"cpu", "x"}};
  build.profile.losses = {.dropped = 1, .untimed = 2, .unattributed = 3, .truncated = 4};
  build.profile.double_entry = DoubleEntry{.records = 12, .alike = 11};
  build.at(2).inputs = build.profile.names.id("float32[128,3,32,32]");
  build.at(2).implementation = build.profile.names.id("jit:avx512_core");
  GpuRecord& record = build.kernel("quote \" and \\ kernel<>", 300, 350, build.launch(130, 140, 2));
  record.kind = GpuKind::copy;
  record.device = 1;
  record.stream = 7;
  record.graph_node = (std::uint64_t{5} << 32) | 9;
  record.bytes = 4096;
  record.pageable = true;
  record.geometry = build.profile.names.id("grid 1x1x1");
  build.profile.overheads.push_back({.name = build.profile.names.id("flush"), .time = {1, 2}});
  build.profile.syncs.push_back({.name = build.profile.names.id("sync"), .time = {3, 4}});
  build.profile.allocations.push_back({.bytes = 64,
                                       .time = {-10, kStillLive},
                                       .device = 1,
                                       .caller = 2,
                                       .memory_class = MemoryClass::gradients,
                                       .total_bytes = 4096});
  build.profile.recorder = {{"libcupti", "/lib/libcupti.so.13"}};
  return build.profile;
}

Profile shifted(Profile profile, std::int64_t by) {
  const auto shift = [&](auto& records) {
    for (auto& record : records) {
      record.time.begin_ns += by;
      if (record.time.end_ns != kStillLive) record.time.end_ns += by;
    }
  };
  for (Span& step : profile.steps) step = {step.begin_ns + by, step.end_ns + by};
  shift(profile.phases);
  shift(profile.operators);
  shift(profile.launches);
  shift(profile.gpu);
  shift(profile.overheads);
  shift(profile.syncs);
  shift(profile.allocations);
  return profile;
}

std::string sentence_of(const std::string& text) {
  try {
    profile_from_json(text, "p.json");
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), ExitCode::unreadable);
    return error.what();
  }
  return "read";
}

std::string sentence_after(const std::function<void(json::object&)>& change) {
  json::object object = parse_json(profile_to_json(full_profile()), "").get_object();
  change(object);
  return sentence_of(to_json_line(object));
}

TEST(ProfileFile, GivesBackEveryMemberOfEveryRecord) {
  // A monotonic clock's time of 30 years: it must not pass through a double.
  const Profile profile = shifted(full_profile(), 946080000123456789);
  const Profile read = profile_from_json(profile_to_json(profile), "p.json");
  EXPECT_EQ(profile_to_json(read), profile_to_json(profile));
  EXPECT_EQ(read.steps, profile.steps);
  EXPECT_EQ(read.names, profile.names);
  ASSERT_EQ(read.operators.size(), profile.operators.size());
  for (std::size_t i = 0; i < read.operators.size(); ++i) {
    EXPECT_EQ(read.operators[i].time, profile.operators[i].time);
    EXPECT_EQ(read.operators[i].sequence, profile.operators[i].sequence);
    EXPECT_EQ(read.operators[i].kind, profile.operators[i].kind);
    EXPECT_EQ(read.operators[i].layer, profile.operators[i].layer);
    EXPECT_EQ(read.operators[i].forward_thread, profile.operators[i].forward_thread);
  }
  EXPECT_EQ(read.operators[2].inputs, profile.operators[2].inputs);
  EXPECT_EQ(read.operators[2].implementation, profile.operators[2].implementation);
  const GpuRecord& gpu = read.gpu.at(0);
  EXPECT_EQ(read.names.text(gpu.name), "quote \" and \\ kernel<>");
  EXPECT_EQ(gpu.graph_node, (std::uint64_t{5} << 32) | 9);
  EXPECT_EQ(gpu.kind, GpuKind::copy);
  EXPECT_EQ(gpu.bytes, 4096);
  EXPECT_TRUE(gpu.pageable);
  EXPECT_EQ(gpu.launch, 0);
  EXPECT_EQ(gpu.caller, 2);
  EXPECT_EQ(read.allocations.at(0).time.end_ns, kStillLive);
  EXPECT_EQ(read.allocations[0].memory_class, MemoryClass::gradients);
  EXPECT_EQ(read.allocations[0].total_bytes, 4096);
  EXPECT_EQ(read.recorder, profile.recorder);
  EXPECT_EQ(read.losses.total(), 10);
  EXPECT_EQ(read.double_entry, profile.double_entry);
  EXPECT_EQ(read.measurement, profile.measurement);
  EXPECT_EQ(read.machine, profile.machine);
  EXPECT_EQ(read.repetition, 3);
}

TEST(ProfileFile, SaysNothingOfTwoMechanismsWhereThereWasOne) {
  const std::string text = profile_to_json(small_step());
  EXPECT_THAT(text, testing::Not(HasSubstr("double_entry")));
  EXPECT_FALSE(profile_from_json(text, "p.json").double_entry.has_value());
}

TEST(ProfileFile, CutAtAnyByteIsSaidToBeNoJson) {
  const std::string text = profile_to_json(full_profile());
  for (std::size_t length = 0; length < text.size(); length += 97)
    EXPECT_THAT(sentence_of(text.substr(0, length)), HasSubstr("p.json is not valid JSON: ")) << length;
}

TEST(ProfileFile, OfAnotherVersionOrKindIsSaidToBeThat) {
  EXPECT_EQ(sentence_of("[1]"), "p.json is no profile: it is no JSON object.");
  EXPECT_EQ(sentence_of("{\"benchmarks\": []}"),
            "p.json is no profile: it has no number 'trainbench_profile'.");
  EXPECT_THAT(sentence_after([](json::object& o) { o["trainbench_profile"] = 2; }),
              HasSubstr("p.json is a profile of version 2; this program reads version 1"));
}

TEST(ProfileFile, NamesTheFirstRecordThatCannotBe) {
  EXPECT_EQ(sentence_after([](json::object& o) { o.erase("gpu"); }),
            "p.json is a damaged profile: it has no list 'gpu'.");
  EXPECT_EQ(sentence_after([](json::object& o) { o["steps"].as_array().push_back(3); }),
            "p.json is a damaged profile: entry 1 of 'steps' is no list.");
  EXPECT_EQ(sentence_after([](json::object& o) { o["steps"].as_array()[0] = json::array{1}; }),
            "p.json is a damaged profile: entry 0 of 'steps' has only 1 numbers.");
  EXPECT_EQ(sentence_after([](json::object& o) {
              o["steps"].as_array()[0] = json::array{1, 2, 3};
            }),
            "p.json is a damaged profile: entry 0 of 'steps' has 3 numbers instead of 2.");
  EXPECT_EQ(sentence_after([](json::object& o) { o["phases"].as_array()[0].as_array()[0] = 9; }),
            "p.json is a damaged profile: number 1 of entry 0 of 'phases' cannot be.");
  EXPECT_EQ(sentence_after([](json::object& o) { o["operators"].as_array()[1].as_array()[1] = 4; }),
            "p.json is a damaged profile: Operator 1 stands before its parent 4.");
  EXPECT_EQ(sentence_after([](json::object& o) { o["names"].as_array()[1] = ""; }),
            "p.json is a damaged profile: entry 1 of 'names' is no text or stands there twice.");
  EXPECT_EQ(sentence_after([](json::object& o) { o["base_ns"] = 1e300; }),
            "p.json is a damaged profile: it has no time 'base_ns'.");
  EXPECT_EQ(sentence_after([](json::object& o) { o["main_thread"] = 5; }),
            "p.json is a damaged profile: The main thread 5 does not exist.");
  EXPECT_THAT(sentence_after([](json::object& o) { o.erase("losses"); }), HasSubstr("'losses'"));
  EXPECT_THAT(sentence_after([](json::object& o) { o["losses"].as_object()["untimed"] = 1e300; }),
              HasSubstr("\"untimed\" is 1e+300, which is no count"));
}

TEST(ProfileFile, KeepsHowManyTrainingStepsItsLaunchesHold) {
  Profile profile = small_step();
  EXPECT_THAT(profile_to_json(profile), testing::Not(HasSubstr("training_steps")));
  EXPECT_EQ(training_steps_of(profile_from_json(profile_to_json(profile), "p.json")), 1);
  profile.training_steps = 8;
  EXPECT_EQ(training_steps_of(profile_from_json(profile_to_json(profile), "p.json")), 8);
}

TEST(ProfileFile, RefusesTimesAndCountsThatNoRecordingCanHave) {
  const auto with_steps = [](json::array steps) {
    return sentence_after([&](json::object& o) { o["steps"] = std::move(steps); });
  };
  EXPECT_EQ(with_steps({json::array{0, nullptr}}),
            "p.json is a damaged profile: number 2 of entry 0 of 'steps' cannot be.");
  EXPECT_EQ(with_steps({json::array{0, std::int64_t{1} << 51}}),
            "p.json is a damaged profile: number 2 of entry 0 of 'steps' cannot be.");
  EXPECT_THAT(sentence_after([](json::object& o) { o["repetition"] = 1e300; }), HasSubstr("\"repetition\""));
  EXPECT_THAT(sentence_after([](json::object& o) { o["training_steps"] = 1e300; }),
              HasSubstr("\"training_steps\""));
  EXPECT_THAT(
      sentence_after([](json::object& o) { o["threads"].as_array()[0].as_object()["system_id"] = -1e300; }),
      HasSubstr("\"system_id\""));
  // Each may be, all together may not.
  const auto add_waits = [](json::object& o) {
    json::array waits;
    for (int i = 0; i < 40; ++i)
      waits.push_back(json::array{0, -(std::int64_t{1} << 50), std::int64_t{1} << 50});
    o["syncs"] = std::move(waits);
  };
  EXPECT_EQ(
      sentence_after(add_waits),
      "p.json is a damaged profile: The records' times or bytes add up to more than a recording can hold.");
}

}  // namespace
}  // namespace trainbench::profile
