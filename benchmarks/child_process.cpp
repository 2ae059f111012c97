#include "child_process.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <fstream>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace godwit {
namespace {

constexpr std::chrono::milliseconds look_every{20};
constexpr std::chrono::seconds patience{5}; // between asking a process to end and killing it

/// The kernel's own high-water mark of a process's resident memory; 0 if it is gone.
std::uint64_t high_water_bytes(pid_t id) {
  std::ifstream in("/proc/" + std::to_string(id) + "/status");
  for (std::string word; in >> word;)
    if (word == "VmHWM:") {
      std::uint64_t kibibytes = 0;
      in >> kibibytes;
      return kibibytes * 1024;
    }
  return 0;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

} // namespace

child_process::child_process(const std::vector<std::string>& arguments,
                             const std::filesystem::path& log) {
  std::vector<char*> words;
  for (const auto& word : arguments)
    words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const auto parent = ::getpid();
  id_ = ::fork();
  if (id_ < 0)
    throw std::system_error(errno, std::generic_category(), "fork");
  if (id_ > 0)
    return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (::getppid() != parent || out < 0)
    ::_exit(127);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  ::execv(words[0], words.data());
  ::_exit(127);
}

child_process::~child_process() {
  stop();
}

void child_process::collect(int options) {
  int status = 0;
  rusage used{};
  if (id_ == 0 || ::wait4(id_, &status, options, &used) != id_)
    return;
  id_ = 0;
  usage_.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  usage_.cpu_seconds = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
}

bool child_process::is_running() {
  if (id_ != 0)
    usage_.peak_bytes = std::max(usage_.peak_bytes, high_water_bytes(id_));
  collect(WNOHANG);
  return id_ != 0;
}

double child_process::cpu_seconds() const {
  clockid_t clock{};
  timespec used{};
  if (id_ == 0 || ::clock_getcpuclockid(id_, &clock) != 0 || ::clock_gettime(clock, &used) != 0)
    return usage_.cpu_seconds;
  return static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
}

process_usage child_process::wait(std::chrono::seconds at_most) {
  const auto end = std::chrono::steady_clock::now() + at_most;
  while (is_running() && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(look_every);
  return stop();
}

process_usage child_process::stop() {
  if (is_running())
    ::kill(id_, SIGTERM);
  const auto end = std::chrono::steady_clock::now() + patience;
  while (is_running() && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(look_every);
  if (id_ != 0) {
    ::kill(id_, SIGKILL);
    collect(0);
  }
  return usage_;
}

std::filesystem::path program_folder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

} // namespace godwit
