// Where a run leaves its results: one folder, and a line a round that survives a kill.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <godwit/actors/log.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/runtime/record.hpp>

namespace godwit {

/// One line of rounds.jsonl, without its line end. Absent optionals are left out; a number that is
/// not finite (a loss that diverged) is null. Field names are the struct's.
std::string to_json_line(const round_record& round);

/// The reverse. Unknown fields are skipped, missing ones keep their defaults, null is NaN; `round`
/// and `outcome` must be there. Fails with corrupt, saying what is wrong.
attempt<round_record> round_from_json(std::string_view line);

/// All rounds in a rounds.jsonl. A last line that was cut off (the process was killed inside a
/// write) is left out and said in `log` as "rounds.cut_off". Fails with not_found or io, or with
/// corrupt and the line's number.
attempt<std::vector<round_record>> read_rounds(const std::filesystem::path& file,
                                               event_log* log = nullptr);

/// `wanted` if it holds no run, else the first of wanted-2, wanted-3, … that does not. Makes
/// nothing.
std::filesystem::path unused_run_folder(const std::filesystem::path& wanted);

/// Whether a folder holds the rounds of a run.
bool holds_a_run(const std::filesystem::path& folder);

/// An open run folder: the one place where a run writes. Moves, does not copy.
class run_folder {
public:
  /// Makes the folder (and its parents). A fresh start fails with bad_config if it holds a run
  /// already; resuming keeps the lines that are there (a cut-off last one is dropped), and starts
  /// empty where there are none.
  static attempt<run_folder> open(std::filesystem::path folder, bool resume,
                                  event_log* log = nullptr);

  run_folder(run_folder&& other) noexcept;
  run_folder& operator=(run_folder&& other) noexcept;
  ~run_folder();

  /// Adds one line to rounds.jsonl with a single write, so that a kill leaves whole lines or a
  /// cut-off last one. Fails with no_space or io; a line that did not fit is taken back.
  attempt<done> append(const round_record& round);

  /// Drops the lines of rounds beyond `round` (the checkpoint that a resuming server goes on from);
  /// 0 drops all. The file is replaced in one step: a kill leaves the old one or the new one.
  attempt<done> truncate_after(std::uint64_t round);

  /// The rounds that are there.
  attempt<std::vector<round_record>> rounds() const { return read_rounds(rounds_jsonl()); }

  /// Writes config.yml, the effective configuration.
  attempt<done> write_config(std::string_view yaml);
  /// Writes report.html.
  attempt<done> write_report(std::string_view html);

  const std::filesystem::path& path() const noexcept { return folder_; }
  std::filesystem::path rounds_jsonl() const { return folder_ / "rounds.jsonl"; }
  std::filesystem::path config_yml() const { return folder_ / "config.yml"; }
  std::filesystem::path report_html() const { return folder_ / "report.html"; }
  std::filesystem::path model_safetensors() const { return folder_ / "model.safetensors"; }
  std::filesystem::path model_npz() const { return folder_ / "model.npz"; }
  std::filesystem::path log_jsonl() const { return folder_ / "log.jsonl"; }

private:
  run_folder(std::filesystem::path folder, int rounds_file) noexcept;
  void close() noexcept;
  /// Replaces rounds.jsonl by these lines of it.
  attempt<done> keep(const std::vector<std::string_view>& lines);

  std::filesystem::path folder_;
  int rounds_file_ = -1; ///< rounds.jsonl, open for appending
};

} // namespace godwit
