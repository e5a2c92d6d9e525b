#pragma once

#include <functional>
#include <memory>
#include <string_view>

namespace CLI {
class App;
}

namespace trainbench::report {

/// The subcommands `profile` and `diff` of bench-report.
class ProfileCommands {
 public:
  /// Declares both.
  explicit ProfileCommands(CLI::App& app);
  ~ProfileCommands();
  ProfileCommands(const ProfileCommands&) = delete;  // the parser holds its address
  ProfileCommands& operator=(const ProfileCommands&) = delete;

  /// Does the one that was given, and tells whether there was one. The text goes to `print` where no -o was
  /// given. Throws InputError and EnvironmentError, among them `not_comparable` for unlike profiles.
  bool run(const std::function<void(std::string_view)>& print) const;

 private:
  struct Parsed;
  std::unique_ptr<Parsed> parsed_;
};

}  // namespace trainbench::report
