// How are images and labels read from and written to IDX files, the format of MNIST?
#include "data/idx.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>

#include <zlib.h>

#include "data/folder.hpp"

namespace godwit {

namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t image_magic = 0x00000803;
constexpr std::uint32_t label_magic = 0x00000801;
constexpr std::uint64_t image_extent_max = 65'536;
constexpr std::uint64_t all_bytes_max = std::uint64_t{1} << 36; // 64 GiB
constexpr std::size_t portion_bytes = std::size_t{1} << 20;

constexpr std::string_view image_suffix = "-images-idx3-ubyte";
constexpr std::string_view label_suffix = "-labels-idx1-ubyte";

failure broken(const fs::path& file, const std::string& what) {
  return {.code = failure_code::corrupt, .detail = file.string() + ": " + what};
}

std::string hexadecimal(std::uint32_t value) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "0x";
  for (int shift = 28; shift >= 0; shift -= 4)
    text += digits[(value >> shift) & 0xF];
  return text;
}

/// A file that is read from front to back, unpacked on the way if it is gzip.
class idx_source {
public:
  explicit idx_source(fs::path file)
      : file_(std::move(file)), stream_(gzopen(file_.c_str(), "rbe"), &gzclose_r) {}

  const fs::path& file() const noexcept { return file_; }
  bool is_open() const noexcept { return stream_ != nullptr; }

  /// An upper bound of what the file can hold. Deflate packs 1032 bytes into one at most. Valid
  /// after the first read.
  std::uint64_t content_bytes_max() {
    std::error_code ignored;
    const auto size = fs::file_size(file_, ignored);
    const std::uint64_t known = ignored ? 0 : std::min(size, all_bytes_max);
    return gzdirect(stream_.get()) != 0 ? known : known * 1032;
  }

  /// Fills `into`, or says why the file gives no more.
  std::optional<failure> read(std::span<std::uint8_t> into) {
    while (!into.empty()) {
      const auto wanted = static_cast<unsigned>(std::min(into.size(), portion_bytes));
      const int got = gzread(stream_.get(), into.data(), wanted);
      if (got < 0)
        return broken(file_, "cannot be unpacked or read: " + complaint());
      if (got == 0)
        return broken(file_, "ends after " + std::to_string(read_count_) + " bytes of content" +
                                 (is_whole() ? "" : "; the compressed data is cut off") +
                                 "; its header announces more");
      read_count_ += static_cast<std::uint64_t>(got);
      into = into.subspan(static_cast<std::size_t>(got));
    }
    return std::nullopt;
  }

  /// Nothing may follow, and what was read must agree with the check sum at its end.
  std::optional<failure> expect_end() {
    std::uint8_t extra = 0;
    const int got = gzread(stream_.get(), &extra, 1);
    if (got < 0 || !is_whole())
      return broken(file_, "is damaged at its end: " + complaint());
    if (got > 0)
      return broken(file_, "goes on after the " + std::to_string(read_count_) +
                               " bytes that its header announces");
    return std::nullopt;
  }

private:
  bool is_whole() {
    int code = Z_OK;
    gzerror(stream_.get(), &code);
    return code == Z_OK || code == Z_STREAM_END;
  }
  std::string complaint() {
    int code = Z_OK;
    const char* text = gzerror(stream_.get(), &code);
    return text != nullptr && *text != '\0' ? text : "unknown reason";
  }

  fs::path file_;
  std::unique_ptr<gzFile_s, int (*)(gzFile)> stream_;
  std::uint64_t read_count_ = 0;
};

attempt<std::uint32_t> read_number(idx_source& source) {
  std::array<std::uint8_t, 4> raw{};
  if (auto why = source.read(raw))
    return *why;
  return std::uint32_t{raw[0]} << 24 | std::uint32_t{raw[1]} << 16 | std::uint32_t{raw[2]} << 8 |
         std::uint32_t{raw[3]};
}

/// Reads `count` bytes and the end. A header that announces more than the file can hold costs no
/// memory.
attempt<std::vector<std::uint8_t>> read_content(idx_source& source, std::uint64_t count) {
  if (count > source.content_bytes_max())
    return broken(source.file(), "announces " + std::to_string(count) +
                                     " bytes of content; a file of its size holds at most " +
                                     std::to_string(source.content_bytes_max()));
  std::vector<std::uint8_t> content;
  content.reserve(static_cast<std::size_t>(count));
  while (content.size() < count) {
    const auto had = content.size();
    content.resize(had +
                   std::min<std::size_t>(static_cast<std::size_t>(count) - had, portion_bytes));
    if (auto why = source.read(std::span(content).subspan(had)))
      return *why;
  }
  if (auto why = source.expect_end())
    return *why;
  return content;
}

/// What an IDX file says of itself, and its bytes.
struct idx_content {
  std::vector<std::uint32_t> extents;
  std::vector<std::uint8_t> content;
};

attempt<idx_content> read_idx_file(const fs::path& file, std::uint32_t magic_expected) {
  idx_source source(file);
  if (!source.is_open())
    return failure{.code = failure_code::io, .detail = file.string() + ": cannot be opened"};
  const auto magic = read_number(source);
  if (!magic)
    return magic.why();
  if (*magic != magic_expected)
    return broken(file, "begins with " + hexadecimal(*magic) + "; expected " +
                            hexadecimal(magic_expected) +
                            (magic_expected == image_magic ? " (images)" : " (labels)"));
  idx_content found;
  std::uint64_t count = 1;
  for (std::uint32_t i = 0; i < (magic_expected & 0xFF); ++i) {
    const auto extent = read_number(source);
    if (!extent)
      return extent.why();
    if (*extent == 0 || (i > 0 && *extent > image_extent_max) || count > all_bytes_max / *extent)
      return broken(file, "announces " + std::to_string(*extent) + " in dimension " +
                              std::to_string(i) + "; expected 1 or more, images of at most " +
                              std::to_string(image_extent_max) + " x " +
                              std::to_string(image_extent_max) + " and 64 GiB in all");
    count *= *extent;
    found.extents.push_back(*extent);
  }
  auto content = read_content(source, count);
  if (!content)
    return content.why();
  found.content = std::move(*content);
  return found;
}

/// The file of that name, raw or with .gz behind it; an empty path where there is neither.
fs::path find_idx(const fs::path& folder, std::string_view prefix, std::string_view suffix) {
  const auto raw = folder / (std::string(prefix) + std::string(suffix));
  std::error_code ignored;
  if (fs::is_regular_file(raw, ignored))
    return raw;
  auto packed = raw;
  packed += ".gz";
  return fs::is_regular_file(packed, ignored) ? packed : fs::path();
}

attempt<idx_content> read_named(const fs::path& folder, std::string_view prefix,
                                std::string_view suffix, std::uint32_t magic) {
  const auto file = find_idx(folder, prefix, suffix);
  if (file.empty())
    return failure{.code = failure_code::not_found,
                   .detail = folder.string() + ": has no " + std::string(prefix) +
                             std::string(suffix) + ", neither raw nor .gz"};
  return read_idx_file(file, magic);
}

/// The number of classes: as told, as the folder says, or one more than the largest label of both
/// splits.
attempt<std::uint32_t> count_classes(const fs::path& folder, std::string_view prefix,
                                     std::uint32_t told, const std::vector<std::uint8_t>& labels) {
  if (told != 0)
    return told;
  const auto noted = read_class_count(folder);
  if (!noted || *noted != 0)
    return noted;
  std::uint32_t largest = *std::max_element(labels.begin(), labels.end());
  for (const std::string_view other : {"train", "t10k"}) {
    if (other == prefix || find_idx(folder, other, label_suffix).empty())
      continue;
    const auto more = read_named(folder, other, label_suffix, label_magic);
    if (!more)
      return more.why();
    largest = std::max<std::uint32_t>(
        largest, *std::max_element(more->content.begin(), more->content.end()));
  }
  return largest + 1;
}

void append_number(std::vector<char>& to, std::uint32_t value) {
  for (const int shift : {24, 16, 8, 0})
    to.push_back(static_cast<char>((value >> shift) & 0xFF));
}

attempt<done> write_idx_file(const fs::path& file, std::uint32_t magic,
                             const std::vector<std::uint32_t>& extents,
                             const std::vector<std::uint8_t>& content) {
  std::vector<char> header;
  append_number(header, magic);
  for (const auto extent : extents)
    append_number(header, extent);
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(header.data(), static_cast<std::streamsize>(header.size()));
  out.write(reinterpret_cast<const char*>(content.data()),
            static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out)
    return failure{.code = failure_code::io,
                   .detail = file.string() + ": cannot be written; check the folder's space and "
                                             "permissions"};
  return done{};
}

} // namespace

bool has_idx(const fs::path& folder, std::string_view prefix) {
  return !find_idx(folder, prefix, image_suffix).empty();
}

attempt<dataset> read_idx(const fs::path& folder, std::string_view prefix,
                          std::uint32_t class_count) {
  auto images = read_named(folder, prefix, image_suffix, image_magic);
  if (!images)
    return images.why();
  auto labels = read_named(folder, prefix, label_suffix, label_magic);
  if (!labels)
    return labels.why();
  if (images->extents[0] != labels->extents[0])
    return broken(folder, "has " + std::to_string(images->extents[0]) + " " + std::string(prefix) +
                              " images but " + std::to_string(labels->extents[0]) +
                              " labels; expected as many");
  const auto classes = count_classes(folder, prefix, class_count, labels->content);
  if (!classes)
    return classes.why();
  const auto wrong = std::find_if(labels->content.begin(), labels->content.end(),
                                  [&](std::uint8_t label) { return label >= *classes; });
  if (wrong != labels->content.end())
    return broken(find_idx(folder, prefix, label_suffix),
                  "label " + std::to_string(*wrong) + " at position " +
                      std::to_string(wrong - labels->content.begin()) + "; expected 0 to " +
                      std::to_string(*classes - 1));
  dataset read;
  read.shape = {images->extents[1], images->extents[2]};
  read.class_count = *classes;
  read.pixels = std::move(images->content);
  read.labels = std::move(labels->content);
  return read;
}

attempt<done> write_idx(const examples& held, const fs::path& folder, std::string_view prefix) {
  const auto& data = *held.data;
  if (data.pixels.empty() || data.shape.size() != 2)
    return failure{.code = failure_code::unsupported,
                   .detail = "IDX files hold images of bytes in two dimensions; these examples are "
                             "not such images"};
  const auto size = data.feature_count();
  std::vector<std::uint8_t> pixels, labels;
  pixels.reserve(held.size() * size);
  labels.reserve(held.size());
  for (const auto row : held.rows) {
    const auto from = data.pixels.begin() + static_cast<std::ptrdiff_t>(row * size);
    pixels.insert(pixels.end(), from, from + static_cast<std::ptrdiff_t>(size));
    labels.push_back(data.labels[row]);
  }
  if (auto noted = write_class_count(folder, data.class_count); !noted)
    return noted;
  const auto count = static_cast<std::uint32_t>(held.size());
  const auto stem = std::string(prefix);
  if (auto written = write_idx_file(folder / (stem + std::string(image_suffix)), image_magic,
                                    {count, data.shape[0], data.shape[1]}, pixels);
      !written)
    return written;
  return write_idx_file(folder / (stem + std::string(label_suffix)), label_magic, {count}, labels);
}

} // namespace godwit
