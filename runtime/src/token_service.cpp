#include "token_service.hpp"

#include <chrono>

#include <godwit/privacy/token.hpp>

#include "storage/seed_file.hpp"

namespace godwit {
namespace {

class token_service final : public token_authority {
public:
  token_service(token_signer signer, std::string server_name, std::chrono::seconds lifetime)
      : signer_(std::move(signer)), server_name_(std::move(server_name)), lifetime_(lifetime) {}

  std::string issue(const client_id& client, const sha256_digest& fingerprint) override {
    token_claims claims;
    claims.issuer = server_name_;
    claims.audience = server_name_;
    claims.subject = peer_identity{role::edge, client.name, fingerprint};
    claims.issued_at = now();
    claims.valid_from = claims.issued_at;
    claims.expires_at = claims.issued_at + lifetime_;
    claims.id = make_token_id();
    return signer_.issue(claims);
  }
  std::chrono::seconds lifetime() const override { return lifetime_; }
  result<std::chrono::seconds> verify(std::string_view token, const client_id& client,
                                      const sha256_digest& fingerprint) override {
    auto claims = signer_.verify(token, {.audience = server_name_,
                                         .presenter = {role::edge, client.name, fingerprint},
                                         .now = now()});
    if (!claims)
      return claims.why();
    return claims->expires_at;
  }
  std::chrono::seconds now() const override {
    return std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::system_clock::now().time_since_epoch());
  }

private:
  token_signer signer_;
  std::string server_name_;
  std::chrono::seconds lifetime_;
};

} // namespace

attempt<std::shared_ptr<token_authority>> open_token_service(const std::filesystem::path& state,
                                                             std::string server_name,
                                                             std::chrono::seconds lifetime) {
  auto seed = seed_in(state / "token.seed");
  if (!seed)
    return seed.why();
  auto signer = token_signer::create(*seed);
  if (!signer)
    return failure{.code = signer.why().code,
                   .detail = (state / "token.seed").string() + ": " + signer.why().detail +
                             "; remove the file to have a new one made (edges then enrol again)"};
  return std::shared_ptr<token_authority>(
      std::make_shared<token_service>(std::move(*signer), std::move(server_name), lifetime));
}

} // namespace godwit
