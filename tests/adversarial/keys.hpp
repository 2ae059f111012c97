// Which keys do the flock and its attackers hold? One authority for all tests, and certificates
// good and bad.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <godwit/messages/ids.hpp>
#include <godwit/privacy/certificates.hpp>
#include <godwit/privacy/identity.hpp>
#include <godwit/runtime/config.hpp>

#include "support/scratch_folder.hpp"

namespace godwit::adversarial {

/// Makes certificates with godwit/privacy/certificates.hpp and writes them to a folder of its own.
class keyring {
public:
  keyring();

  /// The one certificate of this name; made when it is first asked for. A server's is for
  /// 127.0.0.1.
  tls_config of(role who, const std::string& name);
  tls_config edge(const std::string& name) { return of(role::edge, name); }

  /// Another certificate of the same name, with a key of its own.
  tls_config second(role who, const std::string& name);
  /// One that ended an hour ago.
  tls_config expired(const std::string& name);
  /// One of another authority, which has the same name as ours.
  tls_config foreign(const std::string& name);
  /// One of ours for a client that carries this URI; empty: none.
  tls_config with_uri(const std::string& uri);

private:
  tls_config write(const certificate_files& files);
  tls_config issued(const certificate_files& authority, role who, const std::string& name,
                    unix_seconds now);

  scratch_folder folder_;
  certificate_files authority_;
  std::map<std::string, tls_config> made_;
  int file_count_ = 0;
};

/// The same for all tests of the process.
keyring& keys();

/// Who a certificate file says its holder is.
peer_identity identity_in(const tls_config& files);

unix_seconds now();

} // namespace godwit::adversarial
