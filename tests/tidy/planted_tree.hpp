// A small source tree of the tests' own making, in which a fault can be planted.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "tidy/checks.hpp"

namespace godwit::tidy {

/// A folder with files in it, gone when this object is.
class planted_tree {
public:
  planted_tree() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tidy-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr)
      throw std::filesystem::filesystem_error("mkdtemp",
                                              std::error_code(errno, std::generic_category()));
    root_ = pattern;
  }
  planted_tree(const planted_tree&) = delete;
  planted_tree& operator=(const planted_tree&) = delete;
  ~planted_tree() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  /// Writes one file, and the folders that lead to it.
  planted_tree& with(std::string_view path, std::string_view text, bool executable = false) {
    const std::filesystem::path file = root_ / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    if (executable)
      std::filesystem::permissions(file, std::filesystem::perms::owner_exec,
                                   std::filesystem::perm_options::add);
    return *this;
  }

  tree read() const { return read_tree(root_); }

private:
  std::filesystem::path root_;
};

/// Whether there is a finding for this line of this file that says `word`.
inline bool reports(const findings& all, std::string_view path, std::size_t line,
                    std::string_view word) {
  for (const finding& one : all)
    if (one.path == path && one.line == line && one.message.find(word) != std::string::npos)
      return true;
  return false;
}

} // namespace godwit::tidy
