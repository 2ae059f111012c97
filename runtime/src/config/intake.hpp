// What is known while a configuration is being read: where each value came from, and what was wrong
// so far.
#pragma once

#include <filesystem>
#include <functional>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/document.hpp"
#include "config/schema.hpp"

namespace godwit::config {

/// Takes values one by one and keeps every problem.
class intake {
public:
  intake(file_kind kind, const std::filesystem::path& file);

  /// Takes what stands in the file.
  void take(const document& read);
  /// Takes one `key=value` of the command line.
  void take_override(const std::string& assignment);
  /// After the last value: keys that are needed and absent, keys that nobody would read, paths made
  /// absolute.
  void complete();
  /// Files and folders that must exist.
  void check_files();

  // -- for rules that compare keys
  /// Whether none of these keys has a problem of its own.
  bool is_sound(std::initializer_list<std::string_view> keys) const;
  /// Whether the key stands in the file or on the command line.
  bool is_set(std::string_view key) const;
  /// A problem of `key`, in the line where it stands or else where `related` stands.
  void refuse(std::string_view key, std::string_view related, std::string accepted,
              std::string hint = {});

  any_config& config() { return config_; }
  /// Sorted by place, at most problem_count_max and a line that counts the others.
  std::vector<problem> problems() const;

private:
  struct origin {
    bool on_command_line = false;
    int line = 0;
  };

  void take_value(const entry& what, origin from);
  void refuse_unknown(const entry& what, origin from);
  void refuse_unused(const row& key);
  void note(const std::string& key, origin from, std::string found, std::string accepted,
            std::string hint);
  /// Where a missing key would stand: the line of the innermost section that is there.
  int line_of_section(std::string_view key) const;
  std::string shown_value(std::string_view key);

  file_kind kind_;
  std::string file_;
  std::filesystem::path folder_; ///< that paths in the file are relative to
  any_config config_;
  std::map<std::string, origin, std::less<>> origins_;
  std::map<std::string, int, std::less<>> first_lines_; ///< of keys and sections in the file
  std::set<std::string, std::less<>> spoiled_;          ///< keys with a problem
  std::vector<problem> problems_;
};

} // namespace godwit::config
