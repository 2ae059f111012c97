// Where does a benchmark keep its files while it runs?
#pragma once

#include <filesystem>
#include <random>
#include <string>
#include <system_error>

namespace godwit {

/// Where files lie in memory, if there is such a place; else where they lie anyway.
inline std::filesystem::path memory_folder() {
  std::error_code ignored;
  const std::filesystem::path shared = "/dev/shm";
  return std::filesystem::is_directory(shared, ignored) ? shared
                                                        : std::filesystem::temp_directory_path();
}

/// A folder of its own that is gone afterwards.
class scratch_folder {
public:
  explicit scratch_folder(const std::filesystem::path& in = std::filesystem::temp_directory_path())
      : path_(in / ("godwit-bench-" + std::to_string(std::random_device{}()))) {
    std::filesystem::create_directories(path_);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const noexcept { return path_; }

private:
  std::filesystem::path path_;
};

} // namespace godwit
