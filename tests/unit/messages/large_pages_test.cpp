// Is memory for large models asked for in large pages, and small memory left alone?
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include <godwit/messages/large_pages.hpp>

using namespace godwit;

namespace {

/// Whether the kernel was asked to back the mapping that holds `place` with large pages: the flag
/// "hg" of proc_pid_smaps(5).
bool is_asked_for(const void* place) {
  std::ifstream in("/proc/self/smaps");
  const auto address = reinterpret_cast<std::uintptr_t>(place);
  bool is_inside = false;
  for (std::string line; std::getline(in, line);) {
    std::uintptr_t from = 0, to = 0;
    char dash = 0;
    std::istringstream words(line);
    if (words >> std::hex >> from >> dash >> to && dash == '-')
      is_inside = from <= address && address < to;
    else if (is_inside && line.starts_with("VmFlags:"))
      return (line + ' ').find(" hg ") != std::string::npos;
  }
  return false;
}

} // namespace

TEST_CASE("zeros are zeros, whatever pages they lie in") {
  for (const std::size_t count : {std::size_t{0}, std::size_t{5}, std::size_t{6'000'000}}) {
    auto made = zeros_in_large_pages<float>(count);
    REQUIRE(made.size() == count);
    for (std::size_t i = 0; i < count; i += 997)
      REQUIRE(made[i] == 0.0F);
  }
}

TEST_CASE("large memory is asked for in large pages, small memory is not") {
  if (!std::filesystem::exists("/sys/kernel/mm/transparent_hugepage")) {
    MESSAGE("skipped: this kernel has no large pages");
    return;
  }
  const auto large = zeros_in_large_pages<float>(16'000'000);
  CHECK(is_asked_for(&large[8'000'000]));
  const auto small = zeros_in_large_pages<float>(500'000);
  CHECK_FALSE(is_asked_for(&small[250'000]));
}
