#include "report/history/store/commit_place.hpp"

#include <fmt/format.h>

#include <charconv>

#include "src/base/process.hpp"

namespace trainbench::report::history {
namespace {

constexpr double kGitSeconds = 60;
constexpr std::size_t kLeastGitDigits = 4;
constexpr std::size_t kMostGitDigits = 64;
constexpr int kNoSuchProgram = 127;  // of /usr/bin/env

struct GitAnswer {
  ProcessEnd end;
  std::vector<std::string> lines;  // of standard output

  bool good() const { return end.exit_code == 0 && !lines.empty(); }
  std::string first_line() const { return lines.empty() ? std::string() : lines.front(); }
};

/// Standard output goes to descriptor 3: the tail that is kept of the other streams would mix warnings in.
GitAnswer ask_git(const std::filesystem::path& repository, const std::vector<std::string>& arguments) {
  ProcessRequest request;
  request.arguments = {"/bin/sh",    "-c", "exec \"$@\" >&3",  "sh", "/usr/bin/env", "git",
                       "--no-pager", "-C", repository.string()};
  request.arguments.insert(request.arguments.end(), arguments.begin(), arguments.end());
  request.environment = {{"LC_ALL", "C"}, {"GIT_TERMINAL_PROMPT", "0"}};
  request.timeout_seconds = kGitSeconds;
  GitAnswer answer;
  request.on_line = [&](std::string_view line) { answer.lines.emplace_back(line); };
  answer.end = run_process(request);
  return answer;
}

/// A hash and nothing that git would take for an option or a branch's name.
bool is_hash(const std::string& text) {
  return text.size() >= kLeastGitDigits && text.size() <= kMostGitDigits &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

std::string without_repository(const std::filesystem::path& repository, const GitAnswer& answer) {
  constexpr std::string_view kSo = "the run stands by its start among the others";
  if (answer.end.exit_code == kNoSuchProgram) return fmt::format("There is no git here: {}.", kSo);
  return fmt::format("'{}' is no git repository that git reads: {}. --repository=DIR names another.",
                     repository.string(), kSo);
}

std::string without_commit(const std::filesystem::path& repository, const std::string& hash, bool shallow) {
  if (hash.empty()) {
    return fmt::format("'{}' has no commit yet: the run stands by its start among the others.",
                       repository.string());
  }
  return fmt::format(
      "git does not know the commit '{}' in '{}'{}: the run stands by its start among the others. Fetch it "
      "({}), or name its repository (--repository=DIR).",
      hash, repository.string(), shallow ? ", a shallow clone" : "",
      shallow ? "git fetch --unshallow; fetch-depth: 0 in actions/checkout" : "git fetch");
}

std::string without_past(const std::filesystem::path& repository, const std::string& hash) {
  return fmt::format(
      "'{}' is a shallow clone, in which git does not know how many commits lie before {}: the run stands by "
      "its start among the others. Fetch the whole past (git fetch --unshallow; fetch-depth: 0 in "
      "actions/checkout).",
      repository.string(), hash);
}

std::optional<std::int64_t> whole_number(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(number) : std::nullopt;
}

/// What rev-list prints of one commit: "commit HASH", the hash, the subject.
bool take_commit(const GitAnswer& answer, CommitPlace& place) {
  if (!answer.good() || answer.lines.size() < 2) return false;
  place.hash = answer.lines[1];
  place.subject = answer.lines.size() > 2 ? answer.lines[2] : "";
  return true;
}

}  // namespace

CommitPlace place_of_commit(const std::filesystem::path& repository, const std::string& hash_or_empty,
                            std::vector<std::string>& notes) {
  CommitPlace place{.hash = hash_or_empty, .subject = "", .number = std::nullopt};
  if (!hash_or_empty.empty() && !is_hash(hash_or_empty)) {
    notes.push_back(fmt::format(
        "'{}' is no commit's hash: the run stands by its start among the others. Give --commit=HASH.",
        hash_or_empty));
    return place;
  }
  const GitAnswer depth = ask_git(repository, {"rev-parse", "--is-shallow-repository"});
  if (!depth.good()) {
    notes.push_back(without_repository(repository, depth));
    return place;
  }
  const bool shallow = depth.first_line() == "true";
  // rev-list is plumbing: no setting of the user's changes what it prints.
  const std::string commit = (hash_or_empty.empty() ? "HEAD" : hash_or_empty) + "^{commit}";
  const GitAnswer named =
      ask_git(repository, {"rev-list", "--max-count=1", "--encoding=UTF-8", "--format=%H%n%s", commit, "--"});
  if (!take_commit(named, place)) {
    notes.push_back(without_commit(repository, hash_or_empty, shallow));
    return place;
  }
  if (shallow) {
    notes.push_back(without_past(repository, place.hash));
    return place;
  }
  place.number = whole_number(
      ask_git(repository, {"rev-list", "--count", "--first-parent", place.hash, "--"}).first_line());
  if (!place.number) notes.push_back(without_commit(repository, place.hash, shallow));
  return place;
}

std::optional<std::string> current_branch(const std::filesystem::path& repository) {
  const GitAnswer answer = ask_git(repository, {"symbolic-ref", "--quiet", "--short", "HEAD"});
  return answer.good() ? std::optional(answer.first_line()) : std::nullopt;
}

}  // namespace trainbench::report::history
