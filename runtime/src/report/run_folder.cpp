// Where a run leaves its results: one folder, and a line a round that survives a kill.
#include "report/run_folder.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/whole_file.hpp"

namespace godwit {
namespace {

/// The rounds of a file with the lines that they came from.
struct held_lines {
  std::vector<round_record> rounds;
  std::vector<std::string_view> lines; ///< into the text
  bool cut_off = false;                ///< a last line that is no whole round was left out
  bool whole = true;                   ///< every line had its line end
};

attempt<held_lines> parse(std::string_view text, const std::filesystem::path& file) {
  held_lines held;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    held.whole = end != std::string_view::npos;
    text.remove_prefix(held.whole ? end + 1 : text.size());
    if (line.empty())
      continue;
    auto round = round_from_json(line);
    if (!round && !held.whole) {
      held.cut_off = true;
      break;
    }
    if (!round)
      return failure{.code = failure_code::corrupt,
                     .retry = false,
                     .detail = file.string() + ", line " + std::to_string(number) +
                               ", is no round: " + round.why().detail +
                               "; remove that line, or give another --out"};
    held.rounds.push_back(std::move(*round));
    held.lines.push_back(line);
  }
  return held;
}

void report_cut_off(const std::filesystem::path& file, const held_lines& held, event_log* log) {
  if (held.cut_off && log)
    log->warn("rounds.cut_off", {{"file", file.string()}, {"rounds_kept", held.rounds.size()}});
}

/// Opens rounds.jsonl for appending and takes its lock, which ends with the process: one run, one
/// writer.
attempt<int> open_rounds(const std::filesystem::path& file) {
  const int opened = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (opened < 0)
    return system_failure(file, "cannot be opened", errno);
  if (::flock(opened, LOCK_EX | LOCK_NB) == 0)
    return opened;
  const int error = errno;
  ::close(opened);
  if (error == EWOULDBLOCK)
    return failure{.code = failure_code::io,
                   .retry = true,
                   .detail = file.string() + " is being written by another process; end that "
                                             "run first, or give another --out"};
  return system_failure(file, "cannot be locked", error);
}

} // namespace

attempt<std::vector<round_record>> read_rounds(const std::filesystem::path& file, event_log* log) {
  const auto text = content_of_file(file);
  if (!text)
    return text.why();
  auto held = parse(*text, file);
  if (!held)
    return held.why();
  report_cut_off(file, *held, log);
  return std::move(held->rounds);
}

bool holds_a_run(const std::filesystem::path& folder) {
  std::error_code none;
  const auto size = std::filesystem::file_size(folder / "rounds.jsonl", none);
  return !none && size > 0;
}

std::filesystem::path unused_run_folder(const std::filesystem::path& wanted) {
  const auto plain = wanted.has_filename() ? wanted : wanted.parent_path();
  auto folder = plain;
  for (std::uint64_t number = 2; holds_a_run(folder); ++number) {
    folder = plain;
    folder += "-";
    folder += std::to_string(number);
  }
  return folder;
}

attempt<run_folder> run_folder::open(std::filesystem::path folder, bool resume, event_log* log) {
  std::error_code none;
  std::filesystem::create_directories(folder, none);
  if (none)
    return system_failure(folder, "cannot be made", none.value());
  const auto file = folder / "rounds.jsonl";
  if (!resume && holds_a_run(folder))
    return failure{.code = failure_code::bad_config,
                   .retry = false,
                   .detail = folder.string() + " holds a run; give another --out, or remove it"};
  const auto opened = open_rounds(file);
  if (!opened)
    return opened.why();
  run_folder made(std::move(folder), *opened);
  const auto text = content_of_file(file);
  if (!text)
    return text.why();
  const auto held = parse(*text, file);
  if (!held)
    return held.why();
  report_cut_off(file, *held, log);
  if (!held->whole)
    if (auto tidied = made.keep(held->lines); !tidied)
      return tidied.why();
  return made;
}

run_folder::run_folder(std::filesystem::path folder, int rounds_file) noexcept
    : folder_(std::move(folder)), rounds_file_(rounds_file) {}

run_folder::run_folder(run_folder&& other) noexcept
    : folder_(std::move(other.folder_)), rounds_file_(std::exchange(other.rounds_file_, -1)) {}

run_folder& run_folder::operator=(run_folder&& other) noexcept {
  if (this != &other) {
    close();
    folder_ = std::move(other.folder_);
    rounds_file_ = std::exchange(other.rounds_file_, -1);
  }
  return *this;
}

run_folder::~run_folder() {
  close();
}

void run_folder::close() noexcept {
  if (rounds_file_ >= 0)
    ::close(std::exchange(rounds_file_, -1));
}

attempt<done> run_folder::append(const round_record& round) {
  GODWIT_CHECK(rounds_file_ >= 0,
               "a run folder was used after it was moved away, or after it failed to reopen");
  struct stat before {};
  if (::fstat(rounds_file_, &before) != 0)
    return system_failure(rounds_jsonl(), "cannot be looked at", errno);
  const int error = write_through(rounds_file_, to_json_line(round) + '\n');
  if (error == 0)
    return done{};
  // A half line in the middle would make the file unreadable; at its end it is only cut off.
  [[maybe_unused]] const int taken_back = ::ftruncate(rounds_file_, before.st_size);
  return system_failure(rounds_jsonl(), "cannot be written", error);
}

attempt<done> run_folder::keep(const std::vector<std::string_view>& lines) {
  std::string content;
  for (const auto line : lines)
    content.append(line).append("\n");
  if (auto replaced = replace_content(rounds_jsonl(), content); !replaced)
    return replaced.why();
  close(); // it is the replaced file that is open
  const auto opened = open_rounds(rounds_jsonl());
  if (!opened)
    return opened.why();
  rounds_file_ = *opened;
  return done{};
}

attempt<done> run_folder::truncate_after(std::uint64_t round) {
  GODWIT_CHECK(rounds_file_ >= 0,
               "a run folder was used after it was moved away, or after it failed to reopen");
  const auto text = content_of_file(rounds_jsonl());
  if (!text)
    return text.why();
  const auto held = parse(*text, rounds_jsonl());
  if (!held)
    return held.why();
  std::vector<std::string_view> kept;
  for (std::size_t i = 0; i < held->lines.size(); ++i)
    if (held->rounds[i].round <= round)
      kept.push_back(held->lines[i]);
  if (kept.size() == held->lines.size() && held->whole)
    return done{};
  return keep(kept);
}

attempt<done> run_folder::write_config(std::string_view yaml) {
  return replace_content(config_yml(), yaml);
}

attempt<done> run_folder::write_report(std::string_view html) {
  return replace_content(report_html(), html);
}

} // namespace godwit
