// How the source tree is read: which files belong to it, and what of a file is text.
#include "tidy/tree.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

namespace godwit::tidy {

namespace fs = std::filesystem;

namespace {

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// The plain entries of .gitignore: `/name/` counts at the root only, `name/` everywhere.
struct ignored {
  std::set<std::string> at_root{".git"}, anywhere;
};

ignored read_ignored(const fs::path& root) {
  ignored out;
  const std::string text = read_file(root / ".gitignore");
  for (std::string_view line : lines_of(text)) {
    const bool anchored = line.starts_with('/');
    if (anchored)
      line.remove_prefix(1);
    if (line.ends_with('/'))
      line.remove_suffix(1);
    if (!line.empty() && !line.starts_with('#'))
      (anchored ? out.at_root : out.anywhere).emplace(line);
  }
  return out;
}

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [name](std::string_view ending) { return name.ends_with(ending); });
}

} // namespace

bool source_file::is_cpp() const {
  return ends_with_any(path, {".cpp", ".hpp", ".h"});
}
bool source_file::is_header() const {
  return ends_with_any(path, {".hpp", ".h"});
}
bool source_file::is_script() const {
  return text.starts_with("#!");
}
std::string source_file::name() const {
  return fs::path(path).filename().string();
}

const source_file* tree::find(std::string_view path) const {
  const auto at = std::lower_bound(
      files.begin(), files.end(), path,
      [](const source_file& file, std::string_view wanted) { return file.path < wanted; });
  return at != files.end() && at->path == path ? &*at : nullptr;
}

bool tree::exists(std::string_view path) const {
  return fs::exists(root / path);
}

tree read_tree(const fs::path& root) {
  tree out{.root = root, .files = {}, .root_entries = {}};
  const ignored skip = read_ignored(root);
  for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator();
       ++it) {
    const std::string name = it->path().filename().string();
    if ((it.depth() == 0 && skip.at_root.contains(name)) || skip.anywhere.contains(name)) {
      it.disable_recursion_pending();
      continue;
    }
    if (it.depth() == 0)
      out.root_entries.push_back(name);
    if (!it->is_regular_file())
      continue;
    source_file file;
    file.path = it->path().lexically_relative(root).generic_string();
    file.text = read_file(it->path());
    file.executable = (it->status().permissions() & fs::perms::owner_exec) != fs::perms::none;
    if (file.text.find('\0') != std::string::npos)
      continue; // not text
    if (file.is_cpp())
      scan_cpp(file);
    out.files.push_back(std::move(file));
  }
  std::sort(out.root_entries.begin(), out.root_entries.end());
  std::sort(out.files.begin(), out.files.end(),
            [](const source_file& a, const source_file& b) { return a.path < b.path; });
  return out;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::size_t line_at(std::string_view text, std::size_t position) {
  const std::string_view before = text.substr(0, position);
  return 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
}

std::string opening_comment(const source_file& file) {
  std::string out;
  const std::string_view mark = file.is_cpp() ? "//" : "#";
  for (std::string_view line : lines_of(file.text)) {
    if (line.starts_with("#!") && out.empty())
      continue;
    if (!line.starts_with(mark))
      break;
    out += std::string(line) + '\n';
  }
  return out;
}

} // namespace godwit::tidy
