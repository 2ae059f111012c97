// How is a golden file read: bytes in hexadecimal, a comment behind each field?
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <godwit/messages/bytes.hpp>

namespace godwit::golden {

inline std::filesystem::path folder() {
  return std::filesystem::path(__FILE__).parent_path();
}

struct file {
  std::uint16_t kind = 0; ///< 0: not a frame
  bytes content;
  int comment_count = 0;
};

inline file read(const std::filesystem::path& path) {
  std::ifstream in(path);
  REQUIRE_MESSAGE(in, path.string() << " is missing");
  file made;
  for (std::string line; std::getline(in, line);) {
    const auto comment = line.find('#');
    made.comment_count += comment != std::string::npos;
    std::istringstream words(line.substr(0, comment));
    for (std::string word; words >> word;) {
      if (word == "kind")
        words >> made.kind;
      else
        made.content.push_back(static_cast<std::byte>(std::stoul(word, nullptr, 16)));
    }
  }
  return made;
}

/// The newest file of a message.
inline file of(const std::string& message) {
  std::filesystem::path newest;
  for (int version = 1; version < 100; ++version)
    if (const auto path = folder() / fmt::format("{}.v{}.hex", message, version);
        std::filesystem::exists(path))
      newest = path;
  return read(newest);
}

} // namespace godwit::golden
