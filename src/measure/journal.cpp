#include "src/measure/journal.hpp"

#include <fmt/format.h>

#include "src/base/errors.hpp"
#include "src/base/files.hpp"

namespace trainbench {
namespace {

constexpr int kSchema = 1;

RunHeader header_from_json(const json::object& run) {
  RunHeader header;
  header.id = string_at(run, "id").value_or("");
  header.started_utc = string_at(run, "started_utc").value_or("");
  header.commit = string_at(run, "commit").value_or("unknown");
  header.preset = string_at(run, "preset").value_or("");
  if (const json::array* arguments = array_at(run, "arguments")) {
    for (const json::value& argument : *arguments) {
      if (argument.is_string()) header.arguments.emplace_back(argument.get_string());
    }
  }
  if (const json::object* machine = object_at(run, "machine")) header.machine = facts_from_json(*machine);
  if (const json::object* noted = object_at(run, "noted")) header.noted = facts_from_json(*noted);
  header.planned_cases = static_cast<int>(number_at(run, "planned_cases").value_or(0));
  return header;
}

void take_header(const json::object& line, Journal& journal) {
  const double schema = number_at(line, "journal").value_or(0);
  const json::object* run = object_at(line, "run");
  if (run == nullptr || schema < 1) {
    throw InputError("the header is missing", ExitCode::unreadable);
  }
  if (schema > kSchema) {
    throw InputError(fmt::format("its format is {}, newer than this program's {}", schema, kSchema),
                     ExitCode::unreadable);
  }
  journal.header = header_from_json(*run);
}

void take_line(const json::object& line, Journal& journal) {
  if (const json::object* result = object_at(line, "case")) {
    journal.cases.push_back(case_result_from_json(*result));
  } else if (const json::object* end = object_at(line, "end")) {
    journal.end = RunEnd{.exit_code = static_cast<int>(number_at(*end, "exit_code").value_or(0)),
                         .finished_utc = string_at(*end, "finished_utc").value_or("")};
  }
}

}  // namespace

std::string header_line(const RunHeader& header) {
  json::object run{{"id", header.id},
                   {"started_utc", header.started_utc},
                   {"commit", header.commit},
                   {"preset", header.preset},
                   {"arguments", json::array(header.arguments.begin(), header.arguments.end())},
                   {"machine", to_json(header.machine)},
                   {"machine_fingerprint", fingerprint(header.machine)},
                   {"noted", to_json(header.noted)},
                   {"planned_cases", header.planned_cases}};
  return to_json_line(json::object{{"journal", kSchema}, {"run", std::move(run)}});
}

std::string case_line(const CaseResult& result) {
  return to_json_line(json::object{{"case", to_json(result)}});
}

std::string end_line(const RunEnd& end) {
  return to_json_line(
      json::object{{"end", {{"exit_code", end.exit_code}, {"finished_utc", end.finished_utc}}}});
}

Journal parse_journal(std::string_view text, std::string_view source) {
  if (text.empty()) {
    throw InputError(fmt::format("{} is empty: the run ended before its header was written.", source),
                     ExitCode::unreadable);
  }
  Journal journal;
  std::size_t begin = 0;
  for (int number = 1; begin < text.size(); ++number) {
    const std::size_t newline = text.find('\n', begin);
    const bool whole = newline != std::string_view::npos;
    if (!whole && number > 1) {
      journal.cut_line = true;
      break;
    }
    const std::string place = fmt::format("{} line {}", source, number);
    const json::value value = parse_json(text.substr(begin, newline - begin), place);
    try {
      if (!value.is_object()) throw InputError("it is not an object", ExitCode::unreadable);
      number == 1 ? take_header(value.get_object(), journal) : take_line(value.get_object(), journal);
    } catch (const InputError& error) {
      throw InputError(fmt::format("{} is not a journal line of this program: {}", place, error.what()),
                       ExitCode::unreadable);
    }
    begin = whole ? newline + 1 : text.size();
  }
  return journal;
}

Journal read_journal(const std::filesystem::path& path) {
  return parse_journal(read_file(path), fmt::format("'{}'", path.string()));
}

}  // namespace trainbench
