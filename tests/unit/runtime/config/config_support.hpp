// What the tests of the configuration share: the project's own files, a scratch folder, a shorthand
// for one problem.
#pragma once

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <doctest/doctest.h>

#include "config/load.hpp"

namespace config_test {

/// The root of the source tree.
inline std::filesystem::path project_root() {
  auto here = std::filesystem::path(__FILE__);
  for (int i = 0; i < 5; ++i)
    here = here.parent_path();
  return here;
}

inline std::string read_all(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  REQUIRE_MESSAGE(in.is_open(), file.string());
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

inline void write_all(const std::filesystem::path& file, std::string_view content) {
  std::ofstream(file, std::ios::binary) << content;
}

/// A folder of its own that is gone after the test.
class scratch {
public:
  scratch() {
    std::random_device entropy;
    path_ = std::filesystem::temp_directory_path() /
            ("godwit-config-" + std::to_string(entropy()) + '-' + std::to_string(entropy()));
    std::filesystem::create_directories(path_);
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  ~scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

inline const godwit::config::load_options no_files{{}, false};

/// The smallest server.yml and edge.yml that can be used, where files are not checked. Both end in
/// line 6.
inline const std::string least_server = "kind: server\n"
                                        "tls:\n"
                                        "  certificate: a.pem\n"
                                        "  key: a.key\n"
                                        "  authority: ca.pem\n"
                                        "seed: 7\n";
inline const std::string least_edge = "kind: edge\n"
                                      "tls:\n"
                                      "  certificate: a.pem\n"
                                      "  key: a.key\n"
                                      "  authority: ca.pem\n"
                                      "data: {source: mnist}\n";

/// The problem of a text that has exactly one.
template <class Loaded>
godwit::config::problem only_problem(const Loaded& read) {
  REQUIRE_FALSE(read.has_value());
  INFO(godwit::config::text(read.why()));
  REQUIRE(read.why().size() == 1);
  return read.why().front();
}

/// Checks all that a problem says but its hint.
inline void check_problem(const godwit::config::problem& what, const std::string& file, int line,
                          const std::string& key, const std::string& found,
                          const std::string& accepted) {
  CHECK(what.file == file);
  CHECK(what.line == line);
  CHECK(what.key == key);
  CHECK(what.found == found);
  CHECK(what.accepted == accepted);
}

} // namespace config_test
