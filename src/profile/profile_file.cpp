#include "src/profile/profile_file.hpp"

#include <fmt/format.h>

#include <limits>
#include <stdexcept>

#include "src/base/errors.hpp"
#include "src/base/json.hpp"
#include "src/profile/profile_rows.hpp"

namespace trainbench::profile {
namespace {

constexpr std::string_view kMark = "trainbench_profile";
constexpr double kMostOfFew = 1e9;  // of repetitions, of steps

class RowWriter {
 public:
  RowWriter(json::array& row, std::int64_t base_ns) : row_(row), base_ns_(base_ns) {}

  template <class Value>
  void operator()(Value& value) {
    if constexpr (std::is_enum_v<Value> || std::is_same_v<Value, bool>) {
      row_.push_back(static_cast<int>(value));
    } else {
      row_.push_back(value);
    }
  }
  void time(Span& span) {
    row_.push_back(span.begin_ns - base_ns_);
    row_.push_back(span.end_ns - base_ns_);
  }
  void life(Span& span) {
    row_.push_back(span.begin_ns - base_ns_);
    span.end_ns == kStillLive ? row_.push_back(nullptr) : row_.push_back(span.end_ns - base_ns_);
  }
  void last(std::int64_t& value) {
    if (value != 0) row_.push_back(value);
  }

 private:
  json::array& row_;
  std::int64_t base_ns_;
};

template <class Record>
json::array rows_of(std::vector<Record> records, std::int64_t base_ns) {
  json::array rows;
  rows.reserve(records.size());
  for (Record& record : records) {
    json::array row;
    RowWriter writer(row, base_ns);
    members_of(writer, record);
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Reads one row; every fault names the kind of record and its index.
class RowReader {
 public:
  RowReader(const json::array& row, std::int64_t base_ns, const std::string& what)
      : row_(row), base_ns_(base_ns), what_(what) {}

  template <class Value>
  void operator()(Value& value) {
    if constexpr (std::is_same_v<Value, bool>) {
      value = number(0, 1) != 0;
    } else if constexpr (std::is_enum_v<Value>) {
      value = static_cast<Value>(number(0, last_of(value)));
    } else if constexpr (std::is_same_v<Value, std::uint64_t>) {
      value = static_cast<Value>(number(0, std::numeric_limits<std::int64_t>::max()));
    } else if constexpr (std::is_same_v<Value, std::int64_t>) {
      value = number(-kMost, kMost);
    } else {
      value =
          static_cast<Value>(number(std::numeric_limits<Value>::min(), std::numeric_limits<Value>::max()));
    }
  }
  void time(Span& span) {
    span.begin_ns = number(-kMost, kMost) + base_ns_;
    span.end_ns = number(-kMost, kMost) + base_ns_;
  }
  void life(Span& span) {
    span.begin_ns = number(-kMost, kMost) + base_ns_;
    const bool is_over = next_ >= row_.size() || !row_[next_].is_null();
    span.end_ns = is_over ? number(-kMost, kMost) + base_ns_ : kStillLive;
    if (!is_over) ++next_;
  }
  void last(std::int64_t& value) {
    if (next_ < row_.size()) (*this)(value);
  }
  void finish() const {
    if (next_ != row_.size())
      throw std::invalid_argument(fmt::format("{} has {} numbers instead of {}", what_, row_.size(), next_));
  }

 private:
  static constexpr std::int64_t kMost = std::int64_t{1} << 50;  // 13 days of nanoseconds, a PiB

  static std::int64_t last_of(StepPhase /*phase*/) { return static_cast<int>(StepPhase::optimizer); }
  static std::int64_t last_of(OperatorKind /*kind*/) { return static_cast<int>(OperatorKind::scope); }
  static std::int64_t last_of(GpuKind /*kind*/) { return static_cast<int>(GpuKind::set); }
  static std::int64_t last_of(MemoryClass /*kind*/) { return static_cast<int>(MemoryClass::setup); }

  std::int64_t number(std::int64_t least, std::int64_t most) {
    if (next_ >= row_.size())
      throw std::invalid_argument(fmt::format("{} has only {} numbers", what_, row_.size()));
    json::error_code error;
    const auto value = row_[next_].to_number<std::int64_t>(error);
    if (error || value < least || value > most)
      throw std::invalid_argument(fmt::format("number {} of {} cannot be", next_ + 1, what_));
    ++next_;
    return value;
  }

  const json::array& row_;
  std::int64_t base_ns_;
  const std::string& what_;
  std::size_t next_ = 0;
};

template <class Record>
void read_rows(const json::object& object, std::string_view key, std::int64_t base_ns,
               std::vector<Record>& records) {
  const json::array* rows = array_at(object, key);
  if (rows == nullptr) throw std::invalid_argument(fmt::format("it has no list '{}'", key));
  records.reserve(rows->size());
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const std::string what = fmt::format("entry {} of '{}'", i, key);
    const json::array* row = (*rows)[i].if_array();
    if (row == nullptr) throw std::invalid_argument(what + " is no list");
    RowReader reader(*row, base_ns, what);
    members_of(reader, records.emplace_back());
    reader.finish();
  }
}

json::array texts_of(const NameTable& names) {
  json::array texts;
  for (NameId id = 0; id < names.size(); ++id) texts.emplace_back(names.text(id));
  return texts;
}

void read_names(const json::object& object, NameTable& names) {
  const json::array* texts = array_at(object, "names");
  if (texts == nullptr) throw std::invalid_argument("it has no list 'names'");
  for (std::size_t i = 0; i < texts->size(); ++i) {
    const json::string* text = (*texts)[i].if_string();
    if (text == nullptr || names.id(std::string_view(text->data(), text->size())) != i)
      throw std::invalid_argument(fmt::format("entry {} of 'names' is no text or stands there twice", i));
  }
}

/// A count: 0 where it is missing. Throws std::invalid_argument for what no recording can have counted.
std::int64_t count_at(const json::object& object, const char* key, double most = 1e15) {
  const double count = number_at(object, key).value_or(0);
  if (!(count >= 0 && count <= most))
    throw std::invalid_argument(fmt::format("its \"{}\" is {:g}, which is no count", key, count));
  return static_cast<std::int64_t>(count);
}

void read_threads(const json::object& object, Profile& profile) {
  const json::array* threads = array_at(object, "threads");
  if (threads == nullptr) throw std::invalid_argument("it has no list 'threads'");
  for (const json::value& value : *threads) {
    const json::object* thread = value.if_object();
    if (thread == nullptr) throw std::invalid_argument("an entry of 'threads' is no object");
    profile.threads.push_back(
        {.name = string_at(*thread, "name").value_or(""), .system_id = count_at(*thread, "system_id")});
  }
}

Losses losses_from(const json::object& object) {
  const json::object* losses = object_at(object, "losses");
  if (losses == nullptr) throw std::invalid_argument("it does not say what was lost ('losses')");
  return {.dropped = count_at(*losses, "dropped"),
          .untimed = count_at(*losses, "untimed"),
          .unattributed = count_at(*losses, "unattributed"),
          .truncated = count_at(*losses, "truncated")};
}

std::optional<DoubleEntry> double_entry_from(const json::object& object) {
  const json::object* entry = object_at(object, "double_entry");
  if (entry == nullptr) return std::nullopt;
  return DoubleEntry{.records = count_at(*entry, "records"), .alike = count_at(*entry, "alike")};
}

Profile read(const json::object& object) {
  Profile profile;
  profile.benchmark = string_at(object, "benchmark").value_or("");
  profile.repetition = static_cast<int>(count_at(object, "repetition", kMostOfFew));
  profile.training_steps = count_at(object, "training_steps", kMostOfFew);
  profile.recorded_by = string_at(object, "recorded_by").value_or("");
  if (const json::object* facts = object_at(object, "measurement"))
    profile.measurement = facts_from_json(*facts);
  if (const json::object* facts = object_at(object, "machine")) profile.machine = facts_from_json(*facts);
  if (const json::object* facts = object_at(object, "recorder")) profile.recorder = facts_from_json(*facts);
  read_names(object, profile.names);
  read_threads(object, profile);
  const json::value* main_thread = object.if_contains("main_thread");
  if (main_thread == nullptr || !main_thread->is_int64() || main_thread->get_int64() < 0 ||
      main_thread->get_int64() > std::numeric_limits<Index>::max())
    throw std::invalid_argument("it has no thread 'main_thread'");
  profile.main_thread = static_cast<Index>(main_thread->get_int64());
  profile.losses = losses_from(object);
  profile.double_entry = double_entry_from(object);
  const json::value* base = object.if_contains("base_ns");
  constexpr std::int64_t kLatestBase = std::int64_t{1} << 61;
  if (base == nullptr || !base->is_int64() || base->get_int64() < 0 || base->get_int64() > kLatestBase)
    throw std::invalid_argument("it has no time 'base_ns'");
  const std::int64_t base_ns = base->get_int64();
  read_rows(object, "steps", base_ns, profile.steps);
  read_rows(object, "phases", base_ns, profile.phases);
  read_rows(object, "operators", base_ns, profile.operators);
  read_rows(object, "launches", base_ns, profile.launches);
  read_rows(object, "gpu", base_ns, profile.gpu);
  read_rows(object, "overheads", base_ns, profile.overheads);
  read_rows(object, "syncs", base_ns, profile.syncs);
  read_rows(object, "allocations", base_ns, profile.allocations);
  require_consistent(profile);
  return profile;
}

void require_version(const json::object& object, std::string_view source) {
  const auto version = number_at(object, kMark);
  if (!version) {
    throw InputError(fmt::format("{} is no profile: it has no number '{}'.", source, kMark),
                     ExitCode::unreadable);
  }
  if (*version != kProfileVersion) {
    throw InputError(fmt::format("{} is a profile of version {}; this program reads version {}: record it "
                                 "again, or use the program that wrote it.",
                                 source, *version, kProfileVersion),
                     ExitCode::unreadable);
  }
}

}  // namespace

std::string profile_to_json(const Profile& profile) {
  const std::int64_t base_ns = window_of(profile).begin_ns;
  json::array threads;
  for (const ThreadRecord& thread : profile.threads)
    threads.push_back(json::object{{"name", thread.name}, {"system_id", thread.system_id}});
  json::object object{{kMark, kProfileVersion},
                      {"benchmark", profile.benchmark},
                      {"repetition", profile.repetition},
                      {"recorded_by", profile.recorded_by},
                      {"measurement", to_json(profile.measurement)},
                      {"machine", to_json(profile.machine)},
                      {"losses",
                       {{"dropped", profile.losses.dropped},
                        {"untimed", profile.losses.untimed},
                        {"unattributed", profile.losses.unattributed},
                        {"truncated", profile.losses.truncated}}},
                      {"base_ns", base_ns},
                      {"main_thread", profile.main_thread},
                      {"threads", std::move(threads)},
                      {"names", texts_of(profile.names)},
                      {"steps", rows_of(profile.steps, base_ns)},
                      {"phases", rows_of(profile.phases, base_ns)},
                      {"operators", rows_of(profile.operators, base_ns)},
                      {"launches", rows_of(profile.launches, base_ns)},
                      {"gpu", rows_of(profile.gpu, base_ns)},
                      {"overheads", rows_of(profile.overheads, base_ns)},
                      {"syncs", rows_of(profile.syncs, base_ns)},
                      {"allocations", rows_of(profile.allocations, base_ns)}};
  if (profile.double_entry) {
    object["double_entry"] = {{"records", profile.double_entry->records},
                              {"alike", profile.double_entry->alike}};
  }
  if (!profile.recorder.empty()) object["recorder"] = to_json(profile.recorder);
  if (profile.training_steps > 0) object["training_steps"] = profile.training_steps;
  return to_json_line(object);
}

Profile profile_from_json(std::string_view text, std::string_view source) {
  const json::value value = parse_json(text, source);
  const json::object* object = value.if_object();
  if (object == nullptr)
    throw InputError(fmt::format("{} is no profile: it is no JSON object.", source), ExitCode::unreadable);
  require_version(*object, source);
  try {
    return read(*object);
  } catch (const std::logic_error& error) {
    // std::invalid_argument is one; so is what require_consistent throws.
    throw InputError(fmt::format("{} is a damaged profile: {}", source, error.what()) +
                         (std::string_view(error.what()).ends_with('.') ? "" : "."),
                     ExitCode::unreadable);
  }
}

}  // namespace trainbench::profile
