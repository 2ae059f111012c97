#include "journal_bench.hpp"

#include <cerrno>
#include <chrono>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "csv_rows.hpp"
#include "storage/journal_file.hpp"
#include "storage/real_disk.hpp"

namespace godwit {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t head_bytes = 200; // about what a round's input takes
constexpr std::size_t body_bytes = 4 << 20;
constexpr std::size_t file_bytes_max = 256 << 20; // then both begin anew

/// A folder in the one that is measured, gone afterwards.
class folder_inside {
public:
  explicit folder_inside(const fs::path& outer)
      : path_(outer / ("godwit-bench-" + std::to_string(std::random_device{}()))) {
    fs::create_directories(path_);
  }
  folder_inside(const folder_inside&) = delete;
  folder_inside& operator=(const folder_inside&) = delete;
  ~folder_inside() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const noexcept { return path_; }

private:
  fs::path path_;
};

/// A file that is written as simply as can be: what the disk itself can do.
class plain_file {
public:
  explicit plain_file(const fs::path& path)
      : number_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    if (number_ < 0)
      fail();
  }
  plain_file(const plain_file&) = delete;
  plain_file& operator=(const plain_file&) = delete;
  ~plain_file() { ::close(number_); }

  void write_and_sync(bytes_view content) const {
    if (::write(number_, content.data(), content.size()) != static_cast<ssize_t>(content.size()) ||
        ::fdatasync(number_) != 0)
      fail();
  }
  void clear() const {
    if (::ftruncate(number_, 0) != 0 || ::fdatasync(number_) != 0)
      fail();
  }

private:
  [[noreturn]] static void fail() {
    throw std::system_error(errno, std::generic_category(), "the plain file");
  }
  int number_;
};

void must(const attempt<done>& what) {
  if (!what)
    throw std::runtime_error(what.why().detail);
}

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct pair_of_rates {
  double journal = 0; ///< groups a second
  double plain = 0;   ///< writes of as many bytes a second, each with its sync
};

class journal_bench {
public:
  journal_bench(const journal_bench_options& options, std::ostream& csv)
      : options_(options), csv_(csv), folder_(options.folder), plain_(folder_.path() / "plain") {
    auto opened = journal_file::open(std::make_shared<real_disk>(folder_.path()));
    if (!opened)
      throw std::runtime_error(opened.why().detail);
    journal_ = std::make_unique<journal_file>(std::move(opened->journal));
  }

  void run() {
    for (const auto group_size : options_.group_sizes) {
      const std::vector<journal_record> group(group_size, {.head = bytes(head_bytes), .body = {}});
      const auto rates = measure(group, group_size * head_bytes);
      rows out(csv_, "journal,group" + std::to_string(group_size));
      out.write("records", rates.journal * static_cast<double>(group_size), "1/s");
      out.write("plain_write_and_sync", rates.plain, "1/s");
      out.write("ratio_to_plain", rates.journal / rates.plain, "1");
      out.write("records_for_each_plain_sync",
                rates.journal * static_cast<double>(group_size) / rates.plain, "1");
    }
    const journal_record large{.head = bytes(head_bytes), .body = shared_bytes(bytes(body_bytes))};
    const auto rates = measure({large}, body_bytes);
    rows out(csv_, "journal,body4MiB");
    out.write("journal", mebibytes(rates.journal * body_bytes), "MiB/s");
    out.write("plain_write_and_sync", mebibytes(rates.plain * body_bytes), "MiB/s");
    out.write("ratio_to_plain", rates.journal / rates.plain, "1");
  }

private:
  /// One write of each in turn, so that what else the disk does meets both.
  pair_of_rates measure(const std::vector<journal_record>& group, std::size_t plain_bytes) {
    const bytes content(plain_bytes);
    double journal_seconds = 0, plain_seconds = 0, count = 0;
    std::size_t file_bytes = 0;
    while (journal_seconds + plain_seconds < options_.seconds) {
      journal_seconds += seconds_of([&] { must(journal_->keep(group)); });
      plain_seconds += seconds_of([&] { plain_.write_and_sync(content); });
      ++count;
      if ((file_bytes += plain_bytes) > file_bytes_max) {
        must(journal_->restart({}));
        plain_.clear();
        file_bytes = 0;
      }
    }
    return {count / journal_seconds, count / plain_seconds};
  }

  const journal_bench_options& options_;
  std::ostream& csv_;
  folder_inside folder_;
  plain_file plain_;
  std::unique_ptr<journal_file> journal_;
};

} // namespace

int run_journal_bench(const journal_bench_options& options, std::ostream& csv) {
  csv << csv_header << std::endl;
  try {
    journal_bench(options, csv).run();
  } catch (const std::exception& e) {
    std::cerr << "godwit_bench journal: " << e.what() << '\n';
    return 1;
  }
  return 0;
}

} // namespace godwit
