// Which certificates do the transport's tests need? Makes authorities and nodes' certificates, good
// ones and bad ones.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/result.hpp>

#include "transport/peer.hpp"

namespace godwit::transport::testing {

/// A folder of its own in the system's place for temporary files; gone with the object.
class temporary_folder {
public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  const std::filesystem::path& path() const noexcept { return path_; }

private:
  std::filesystem::path path_;
};

struct certificate_wish {
  std::string uri = "godwit:edge:one"; ///< empty: names nobody
  std::vector<std::string> hosts{};    ///< "DNS:localhost", "IP:127.0.0.1"
  std::string purpose = "clientAuth";  ///< extended key usage
  std::int64_t from_seconds = -3600;   ///< from now
  std::int64_t until_seconds = 3600;
};

struct node_files {
  std::filesystem::path certificate, key, authority;
};

/// An authority, whose files lie in `folder` and begin with `name`. Two of the same name have
/// different keys.
class test_authority {
public:
  test_authority(std::filesystem::path folder, std::string name);
  ~test_authority();
  test_authority(const test_authority&) = delete;
  test_authority& operator=(const test_authority&) = delete;

  node_files make(const std::string& file, const certificate_wish&) const;
  node_files edge(const std::string& name) const;
  node_files server() const; ///< for localhost and 127.0.0.1

private:
  struct material;
  std::filesystem::path folder_;
  std::string name_;
  material* held_;
};

/// Reads "godwit:<role>:<name>" from the URI names of a certificate.
attempt<peer> identify(bytes_view certificate_der);

} // namespace godwit::transport::testing
