// Do two agree upon what the second implementation says, also where a key is a strange one?
#include <vector>

#include <godwit/privacy/key_agreement.hpp>

#include "unit/privacy/secure_sum_vectors.hpp"

using namespace godwit;
using namespace godwit::secure_sum_vectors;

TEST_CASE("X25519 gives the second implementation's bytes, and nothing where the result is zero") {
  for (const auto& record : items("agreement")) {
    const auto own = content(record, "secret");
    CHECK(hex(public_part(own)) == record.at("public"));
    const auto keys = words(record.at("keys"));
    const auto agreed = words(record.at("agreed"));
    REQUIRE(keys.size() == agreed.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      CAPTURE(keys[i]);
      const auto found = agree(own, as_array<agreement_key_bytes>(from_hex(keys[i])));
      CHECK((found ? hex(found->reveal()) : "none") == agreed[i]);
    }
  }
}
