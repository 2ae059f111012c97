// What does TLS need from disk, and which of it is accepted? Private to the transport: this header
// knows OpenSSL.
#pragma once

#include <filesystem>
#include <memory>

#include <openssl/ssl.h>

#include <godwit/messages/result.hpp>

namespace godwit::transport {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* held) const noexcept {
    Free(held);
  }
};
using context_ptr = std::unique_ptr<SSL_CTX, freed_by<&SSL_CTX_free>>;
using session_ptr = std::unique_ptr<SSL_SESSION, freed_by<&SSL_SESSION_free>>;
using certificate_ptr = std::unique_ptr<X509, freed_by<&X509_free>>;

struct key_files {
  std::filesystem::path certificate;
  std::filesystem::path key;
  std::filesystem::path authority;
};

enum class side : bool { server, client };

/// A context that speaks TLS 1.3 only, shows the certificate, and demands one of the authority from
/// the other side. Fails with bad_key: which file, what is wrong with it, and the next step.
attempt<context_ptr> make_context(side, const key_files&);

} // namespace godwit::transport
