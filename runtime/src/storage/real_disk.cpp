#include "storage/real_disk.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "storage/atomic_file.hpp"
#include "storage/input_file.hpp"

namespace godwit {

namespace {

constexpr unsigned owner_only = 0600; // a node's state holds what was learned from its data

} // namespace

attempt<int> real_disk::opened(std::string_view name, bool make) {
  if (const auto found = open_.find(name); found != open_.end())
    return found->second.number();
  const auto file = folder_ / name;
  descriptor fresh(
      ::open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | (make ? O_CREAT : 0), owner_only));
  if (fresh.number() < 0)
    return write_failure(file, errno);
  return open_.emplace(name, std::move(fresh)).first->second.number();
}

void real_disk::forget(std::string_view name) {
  if (const auto found = open_.find(name); found != open_.end())
    open_.erase(found);
  if (const auto found = last_in_folder_.find(name); found != last_in_folder_.end())
    last_in_folder_.erase(found);
}

attempt<done> real_disk::append(std::string_view name, std::span<const bytes_view> pieces) {
  const auto file = opened(name, true);
  if (!file)
    return file.why();
  if (const int why = write_all(*file, pieces))
    return write_failure(folder_ / name, why);
  return done{};
}

attempt<done> real_disk::sync(std::string_view name) {
  const auto file = opened(name, false);
  if (!file)
    return file.why();
  if (::fdatasync(*file) != 0)
    return write_failure(folder_ / name, errno);
  if (last_in_folder_.contains(name))
    return done{};
  // Whoever made or renamed it may have been ended before it was made last: so once for each file.
  if (const int why = flush_folder(folder_))
    return write_failure(folder_ / name, why);
  last_in_folder_.emplace(name);
  return done{};
}

attempt<std::uint64_t> real_disk::size(std::string_view name) {
  const auto file = input_file::open(folder_ / name);
  if (!file)
    return file.why();
  return file->size();
}

attempt<done> real_disk::read(std::string_view name, std::uint64_t offset,
                              std::span<std::byte> into) {
  const auto file = input_file::open(folder_ / name);
  if (!file)
    return file.why();
  return file->read_at(offset, into);
}

attempt<done> real_disk::truncate(std::string_view name, std::uint64_t size) {
  const auto file = opened(name, false);
  if (!file)
    return file.why();
  if (::ftruncate(*file, static_cast<off_t>(size)) != 0)
    return write_failure(folder_ / name, errno);
  return done{};
}

attempt<done> real_disk::replace(std::string_view name, std::span<const bytes_view> pieces) {
  forget(name); // even a failure may leave another file behind the name
  if (auto replaced = write_atomically(folder_ / name, pieces, owner_only); !replaced)
    return replaced;
  last_in_folder_.emplace(name);
  return done{};
}

attempt<done> real_disk::remove(std::string_view name) {
  forget(name);
  const auto file = folder_ / name;
  if (::unlink(file.c_str()) != 0)
    return write_failure(file, errno);
  if (const int why = flush_folder(folder_))
    return write_failure(file, why);
  return done{};
}

attempt<bool> real_disk::exists(std::string_view name) {
  const auto found = size(name);
  if (!found && found.why().code != failure_code::not_found)
    return found.why();
  return found.has_value();
}

} // namespace godwit
