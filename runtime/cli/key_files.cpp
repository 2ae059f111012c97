#include "key_files.hpp"

#include <sys/stat.h>

#include <godwit/privacy/certificates.hpp>

#include "storage/atomic_file.hpp"

namespace godwit::cli {
namespace {

constexpr std::uint64_t pem_bytes_max = 64 * 1024;
constexpr std::chrono::hours authority_lifetime{24 * 3650};

unix_seconds now() {
  return std::chrono::duration_cast<unix_seconds>(
      std::chrono::system_clock::now().time_since_epoch());
}

attempt<done> write_pair(const std::filesystem::path& folder, const std::string& name,
                         const certificate_files& files) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return failure{.code = failure_code::io,
                   .detail =
                       "the folder " + folder.string() + " cannot be made: " + error.message()};
  const auto before = ::umask(0077); // a key is never readable by others, not even for a moment
  auto written = write_atomically(folder / (name + ".key"), files.key_pem.reveal());
  ::umask(before);
  if (!written)
    return written;
  return write_atomically(folder / (name + ".pem"), as_bytes(files.certificate_pem));
}

bool is_there(const std::filesystem::path& folder, const std::string& name) {
  std::error_code ignored;
  return std::filesystem::exists(folder / (name + ".pem"), ignored) &&
         std::filesystem::exists(folder / (name + ".key"), ignored);
}

} // namespace

attempt<bool> key_folder::make_authority() {
  if (is_there(folder_, "ca"))
    return false;
  auto made = godwit::make_authority("godwit", authority_lifetime, now());
  if (!made)
    return made.why();
  auto written = write_pair(folder_, "ca", *made);
  if (!written)
    return written.why();
  return true;
}

attempt<bool> key_folder::make(role who, const std::string& name,
                               const std::vector<std::string>& hosts) {
  if (name == "ca")
    return failure{.code = failure_code::bad_config,
                   .detail = "the name \"ca\" belongs to the authority; take another name"};
  if (is_there(folder_, name))
    return false;
  auto pem = read_file(folder_ / "ca.pem", pem_bytes_max);
  auto key = read_file(folder_ / "ca.key", pem_bytes_max);
  if (!pem || !key)
    return failure{.code = failure_code::not_found,
                   .detail = "there is no authority in " + folder_.string() +
                             " (ca.pem and ca.key); make one with `godwit keys authority`"};
  const certificate_files authority{as_text(*pem), secret(std::move(*key))};
  auto made = issue(authority, who, name, who == role::server ? hosts : std::vector<std::string>{},
                    lifetime_, now());
  if (!made)
    return made.why();
  auto written = write_pair(folder_, name, *made);
  if (!written)
    return written.why();
  return true;
}

tls_config key_folder::tls(const std::string& name) const {
  const auto folder = std::filesystem::absolute(folder_);
  return {folder / (name + ".pem"), folder / (name + ".key"), folder / "ca.pem"};
}

} // namespace godwit::cli
