// How is a signing key read from a file? By Botan, and apart from signing: with its reader come all
// kinds of keys that it knows, which whoever only signs does without.
#include <godwit/privacy/signature.hpp>

#include <cstddef>
#include <exception>
#include <span>
#include <string>

#include <botan/data_src.h>
#include <botan/ed25519.h>
#include <botan/pkcs8.h>

#include "octets.hpp"

namespace godwit {

attempt<signing_key> signing_key::from_pem(const secret& pem) {
  try {
    Botan::DataSource_Memory source(octets(pem.reveal()), pem.reveal().size());
    const auto loaded = Botan::PKCS8::load_key(source);
    const auto* key = dynamic_cast<const Botan::Ed25519_PrivateKey*>(loaded.get());
    if (key == nullptr)
      return failure{.code = failure_code::bad_key,
                     .detail = "the signing key is of another kind (" + loaded->algo_name() +
                               "); make an Ed25519 key"};
    const auto& held = key->get_private_key(); // the seed, and the public key behind it
    const auto content = std::as_bytes(std::span(held)).first(signing_seed_bytes);
    return from_seed(secret(bytes(content.begin(), content.end())));
  } catch (const std::exception& thrown) {
    return failure{.code = failure_code::bad_key,
                   .detail = std::string("the signing key is no unencrypted PKCS #8 PEM (") +
                             thrown.what() + "); make an Ed25519 key"};
  }
}

} // namespace godwit
