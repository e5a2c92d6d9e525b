#include "src/profile/cupti_decode.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "tests/profile/fake_cupti.hpp"

// Hand-built records through the real library's iterator, which needs no driver.
namespace trainbench::profile {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct Decoded {
  GpuRecording recording;
  DecodedBuffer buffer;

  const std::string& name(NameId id) const { return recording.names.text(id); }
};

Decoded decode(RecordBytes records, std::size_t valid = SIZE_MAX) {
  Decoded decoded;
  decoded.buffer = decode_buffer(CuptiApi{}, records.bytes.data(), std::min(valid, records.bytes.size()),
                                 decoded.recording);
  return decoded;
}

CUpti_ActivityMemcpy6 copy_record(CUpti_ActivityMemcpyKind direction, CUpti_ActivityMemoryKind from,
                                  CUpti_ActivityMemoryKind to) {
  CUpti_ActivityMemcpy6 record{};
  record.kind = CUPTI_ACTIVITY_KIND_MEMCPY;
  record.copyKind = static_cast<std::uint8_t>(direction);
  record.srcKind = static_cast<std::uint8_t>(from);
  record.dstKind = static_cast<std::uint8_t>(to);
  record.bytes = 4096;
  record.start = 300;
  record.end = 340;
  record.deviceId = 1;
  record.streamId = 9;
  record.correlationId = 12;
  record.graphNodeId = std::uint64_t{5} << 32 | 2;
  return record;
}

CUpti_ActivityMemset4 set_record(std::uint32_t correlation) {
  CUpti_ActivityMemset4 record{};
  record.kind = CUPTI_ACTIVITY_KIND_MEMSET;
  record.bytes = 64;
  record.start = 400;
  record.end = 401;
  record.correlationId = correlation;
  record.graphNodeId = 77;
  return record;
}

CUpti_ActivityOverhead3 overhead_record(CUpti_ActivityOverheadKind kind) {
  CUpti_ActivityOverhead3 record{};
  record.kind = CUPTI_ACTIVITY_KIND_OVERHEAD;
  record.overheadKind = kind;
  record.start = 10;
  record.end = 20;
  record.correlationId = 11;
  return record;
}

CUpti_ActivitySynchronization2 wait_record(CUpti_ActivitySynchronizationType type) {
  CUpti_ActivitySynchronization2 record{};
  record.kind = CUPTI_ACTIVITY_KIND_SYNCHRONIZATION;
  record.type = type;
  record.start = 500;
  record.end = 700;
  return record;
}

CUpti_ActivityAPI api_record(CUpti_ActivityKind kind, std::uint32_t correlation) {
  CUpti_ActivityAPI record{};
  record.kind = kind;
  record.cbid = CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel;
  record.start = 90;
  record.end = 95;
  record.correlationId = correlation;
  return record;
}

TEST(CuptiDecode, AKernelHasItsNameTimeStreamCorrelationNodeAndGeometry) {
  std::string name = "void at::native::kernel<4>(float*)";
  RecordBytes bytes;
  bytes.add(kernel_record(name.c_str(), 100, 250, 11, 0x500000003));
  const Decoded decoded = decode(bytes);
  name.assign(name.size(), 'x');  // the name was CUPTI's
  ASSERT_THAT(decoded.recording.gpu, SizeIs(1));
  const GpuRecord& record = decoded.recording.gpu[0];
  EXPECT_EQ(record.kind, GpuKind::kernel);
  EXPECT_EQ(decoded.name(record.name), "void at::native::kernel<4>(float*)");
  EXPECT_EQ(record.time, (Span{100, 250}));
  EXPECT_EQ(record.device, 0);
  EXPECT_EQ(record.stream, 7);
  EXPECT_EQ(record.correlation, 11U);
  EXPECT_EQ(record.graph_node, 0x500000003U);
  EXPECT_EQ(decoded.name(record.geometry), "grid 16x1x1 block 256x1x1");
  EXPECT_EQ(record.launch, kNone);
  EXPECT_EQ(record.caller, kNone);
}

TEST(CuptiDecode, ASerialisedKernelAndOneWithoutNameAreKernelsToo) {
  CUpti_ActivityKernel10 serial = kernel_record("k", 1, 2, 3);
  serial.kind = CUPTI_ACTIVITY_KIND_KERNEL;
  RecordBytes bytes;
  bytes.add(serial).add(kernel_record(nullptr, 3, 4, 4));
  const Decoded decoded = decode(bytes);
  ASSERT_THAT(decoded.recording.gpu, SizeIs(2));
  EXPECT_EQ(decoded.name(decoded.recording.gpu[1].name), "(kernel without name)");
}

TEST(CuptiDecode, ACopyHasDirectionBytesAndWhetherHostMemoryIsPageable) {
  RecordBytes bytes;
  bytes.add(copy_record(CUPTI_ACTIVITY_MEMCPY_KIND_HTOD, CUPTI_ACTIVITY_MEMORY_KIND_PINNED,
                        CUPTI_ACTIVITY_MEMORY_KIND_DEVICE));
  bytes.add(copy_record(CUPTI_ACTIVITY_MEMCPY_KIND_DTOH, CUPTI_ACTIVITY_MEMORY_KIND_DEVICE,
                        CUPTI_ACTIVITY_MEMORY_KIND_PAGEABLE));
  bytes.add(copy_record(CUPTI_ACTIVITY_MEMCPY_KIND_DTOD, CUPTI_ACTIVITY_MEMORY_KIND_DEVICE,
                        CUPTI_ACTIVITY_MEMORY_KIND_DEVICE));
  const Decoded decoded = decode(bytes);
  ASSERT_THAT(decoded.recording.gpu, SizeIs(3));
  std::vector<std::string> names;
  std::vector<bool> pageable;
  for (const GpuRecord& record : decoded.recording.gpu) {
    names.push_back(decoded.name(record.name));
    pageable.push_back(record.pageable);
  }
  EXPECT_THAT(names, ElementsAre("Memcpy HtoD", "Memcpy DtoH", "Memcpy DtoD"));
  EXPECT_THAT(pageable, ElementsAre(false, true, false));
  const GpuRecord& first = decoded.recording.gpu[0];
  EXPECT_EQ(first.kind, GpuKind::copy);
  EXPECT_EQ(first.bytes, 4096);
  EXPECT_EQ(first.device, 1);
  EXPECT_EQ(first.stream, 9);
  EXPECT_EQ(first.time, (Span{300, 340}));
  EXPECT_EQ(first.correlation, 12U);
  EXPECT_EQ(first.graph_node, std::uint64_t{5} << 32 | 2);
}

TEST(CuptiDecode, ASetHasItsBytesCorrelationAndNode) {
  const Decoded decoded = decode(RecordBytes().add(set_record(13)));
  ASSERT_THAT(decoded.recording.gpu, SizeIs(1));
  const GpuRecord& record = decoded.recording.gpu[0];
  EXPECT_EQ(record.kind, GpuKind::set);
  EXPECT_EQ(decoded.name(record.name), "Memset");
  EXPECT_EQ(record.bytes, 64);
  EXPECT_EQ(record.correlation, 13U);
  EXPECT_EQ(record.graph_node, 77U);
}

TEST(CuptiDecode, AnOverheadClaimsNoDeviceTimeAndItsDetailIsFreed) {
  CUpti_ActivityOverhead3 record = overhead_record(CUPTI_ACTIVITY_OVERHEAD_LAZY_FUNCTION_LOADING);
  record.overheadData = std::malloc(16);  // a leak to the sanitizer where it is not freed
  RecordBytes bytes;
  bytes.add(record).add(overhead_record(CUPTI_ACTIVITY_OVERHEAD_COMMAND_BUFFER_FULL));
  const Decoded decoded = decode(bytes);
  EXPECT_THAT(decoded.recording.gpu, IsEmpty());
  ASSERT_THAT(decoded.recording.overheads, SizeIs(2));
  EXPECT_EQ(decoded.name(decoded.recording.overheads[0].name), "lazy function loading");
  EXPECT_EQ(decoded.name(decoded.recording.overheads[1].name), "command buffer full");
  EXPECT_EQ(decoded.recording.overheads[0].time, (Span{10, 20}));
}

TEST(CuptiDecode, AWaitIsOneOfTheHostAndNotOfAStream) {
  RecordBytes bytes;
  bytes.add(wait_record(CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_STREAM_WAIT_EVENT));
  bytes.add(wait_record(CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_STREAM_SYNCHRONIZE));
  bytes.add(wait_record(CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_CONTEXT_SYNCHRONIZE));
  const Decoded decoded = decode(bytes);
  ASSERT_THAT(decoded.recording.syncs, SizeIs(2));
  EXPECT_EQ(decoded.name(decoded.recording.syncs[0].name), "stream synchronize");
  EXPECT_EQ(decoded.name(decoded.recording.syncs[1].name), "context synchronize");
  EXPECT_EQ(decoded.recording.syncs[0].time, (Span{500, 700}));
  EXPECT_EQ(decoded.buffer.records, 3);
}

TEST(CuptiDecode, AMarkIsTakenWhereItIsOfOurKindAndApiRecordsComeWithIt) {
  CUpti_ActivityExternalCorrelation others = mark_record(5, 99);
  others.externalKind = CUPTI_EXTERNAL_CORRELATION_KIND_CUSTOM1;
  RecordBytes bytes;
  bytes.add(mark_record(4, std::uint64_t{3} << 40 | 8)).add(api_record(CUPTI_ACTIVITY_KIND_DRIVER, 4));
  bytes.add(others).add(api_record(CUPTI_ACTIVITY_KIND_RUNTIME, 5));
  const Decoded decoded = decode(bytes);
  ASSERT_THAT(decoded.recording.marks, SizeIs(1));
  EXPECT_EQ(decoded.recording.marks[0].correlation, 4U);
  EXPECT_EQ(decoded.recording.marks[0].caller, std::uint64_t{3} << 40 | 8);
  EXPECT_EQ(decoded.buffer.records, 4);
  EXPECT_EQ(decoded.buffer.foreign, 0);
}

/// One record of every kind that is used.
RecordBytes all_kinds() {
  RecordBytes bytes;
  bytes.add(mark_record(11, 1)).add(api_record(CUPTI_ACTIVITY_KIND_DRIVER, 11));
  bytes.add(kernel_record("k", 100, 200, 11));
  bytes.add(copy_record(CUPTI_ACTIVITY_MEMCPY_KIND_HTOD, CUPTI_ACTIVITY_MEMORY_KIND_PINNED,
                        CUPTI_ACTIVITY_MEMORY_KIND_DEVICE));
  bytes.add(set_record(13)).add(overhead_record(CUPTI_ACTIVITY_OVERHEAD_CUPTI_RESOURCE));
  bytes.add(wait_record(CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_EVENT_SYNCHRONIZE));
  return bytes;
}

TEST(CuptiDecode, EveryKindStandsInOneBufferOneBehindTheOther) {
  const Decoded decoded = decode(all_kinds());
  EXPECT_THAT(decoded.recording.gpu, SizeIs(3));
  EXPECT_THAT(decoded.recording.overheads, SizeIs(1));
  EXPECT_THAT(decoded.recording.syncs, SizeIs(1));
  EXPECT_THAT(decoded.recording.marks, SizeIs(1));
  EXPECT_EQ(decoded.buffer.records, 7);
  EXPECT_TRUE(decoded.buffer.whole);
}

TEST(CuptiDecode, ACutBufferGivesTheRecordsBeforeTheCutAndNeverMore) {
  const RecordBytes whole = all_kinds();
  std::int64_t before = 0;
  for (std::size_t valid = 0; valid <= whole.bytes.size(); ++valid) {
    // A copy of just that size: the sanitizer sees a read behind it.
    RecordBytes cut;
    cut.bytes.assign(whole.bytes.begin(), whole.bytes.begin() + static_cast<std::ptrdiff_t>(valid));
    if (valid == 0) cut.bytes.reserve(8);
    const Decoded decoded = decode(cut);
    EXPECT_GE(decoded.buffer.records, before) << valid;
    EXPECT_LE(decoded.buffer.records, before + 1) << valid;
    before = decoded.buffer.records;
  }
  EXPECT_EQ(before, 7);
}

TEST(CuptiDecode, ZeroBytesBehindTheRecordsSayThatSomethingIsMissing) {
  RecordBytes bytes = RecordBytes().add(kernel_record("k", 1, 2, 3));
  bytes.bytes.resize(bytes.bytes.size() + 216);
  const Decoded decoded = decode(bytes);
  EXPECT_THAT(decoded.recording.gpu, SizeIs(1));
  EXPECT_FALSE(decoded.buffer.whole);
}

TEST(CuptiDecode, AnEmptyBufferIsWhole) {
  RecordBytes bytes;
  bytes.bytes.resize(64);
  const Decoded decoded = decode(bytes, 0);
  EXPECT_EQ(decoded.buffer.records, 0);
  EXPECT_TRUE(decoded.buffer.whole);
}

TEST(CuptiDecode, RecordsWithoutTimesAreCountedAndNotKept) {
  RecordBytes bytes;
  bytes.add(kernel_record("never timed", 0, 0, 1)).add(kernel_record("never ended", 50, 0, 2));
  bytes.add(kernel_record("empty", 60, 60, 3));
  const Decoded decoded = decode(bytes);
  ASSERT_THAT(decoded.recording.gpu, SizeIs(1));
  EXPECT_EQ(decoded.name(decoded.recording.gpu[0].name), "empty");
  EXPECT_EQ(decoded.recording.untimed, 2);
}

TEST(CuptiDecode, RecordsOfOtherKindsAreSkipped) {
  CUpti_ActivityMarker2 marker{};
  marker.kind = CUPTI_ACTIVITY_KIND_MARKER;
  RecordBytes bytes;
  bytes.add(marker).add(kernel_record("k", 1, 2, 3)).add(marker);
  const Decoded decoded = decode(bytes);
  EXPECT_THAT(decoded.recording.gpu, SizeIs(1));
  EXPECT_EQ(decoded.buffer.foreign, 2);
  EXPECT_TRUE(decoded.buffer.whole);
}

TEST(CuptiDecode, BuffersMayComeInAnyOrder) {
  RecordBytes late = RecordBytes().add(kernel_record("late", 900, 910, 9));
  RecordBytes early = RecordBytes().add(kernel_record("early", 100, 110, 1)).add(mark_record(9, 4));
  GpuRecording recording;
  decode_buffer(CuptiApi{}, late.bytes.data(), late.bytes.size(), recording);
  decode_buffer(CuptiApi{}, early.bytes.data(), early.bytes.size(), recording);
  EXPECT_THAT(recording.gpu, SizeIs(2));
  EXPECT_THAT(recording.marks, SizeIs(1));
}

}  // namespace
}  // namespace trainbench::profile
