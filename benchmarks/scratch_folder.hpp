// Where does a benchmark keep its files while it runs?
#pragma once

#include <filesystem>
#include <random>
#include <string>
#include <system_error>

namespace godwit {

/// A folder of its own that is gone afterwards.
class scratch_folder {
public:
  scratch_folder()
      : path_(std::filesystem::temp_directory_path() /
              ("godwit-bench-" + std::to_string(std::random_device{}()))) {
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
