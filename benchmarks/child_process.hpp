// How is another program run beside this one, and what did it take?
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace godwit {

/// What a process has used.
struct process_usage {
  int status = -1;              ///< its exit status; 128 + the signal's number if one ended it
  double cpu_seconds = 0;       ///< user and system
  std::uint64_t peak_bytes = 0; ///< the most resident memory that was seen
};

/// A running program; ended by the destructor if it still runs, and with this process.
class child_process {
public:
  /// Starts `arguments[0]` with its output going to `log`. Throws std::system_error.
  child_process(const std::vector<std::string>& arguments, const std::filesystem::path& log);
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;
  ~child_process();

  /// Looks at it: its resident memory counts for the peak. False once it has ended.
  bool is_running();
  /// What it has used of processors so far, user and system.
  double cpu_seconds() const;
  /// Waits until it ends by itself, looking now and then; past `at_most` it is killed.
  process_usage wait(std::chrono::seconds at_most);
  /// Asks it to end (SIGTERM), and kills it if it does not.
  process_usage stop();

private:
  void collect(int options);

  pid_t id_ = 0; ///< 0: it has ended
  process_usage usage_;
};

/// The folder that this program's own file is in.
std::filesystem::path program_folder();

} // namespace godwit
