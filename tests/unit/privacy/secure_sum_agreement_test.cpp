// Do two agree upon what the second implementation says, also where a key is a strange one?
#include <vector>

#include <godwit/privacy/key_agreement.hpp>

#include "unit/privacy/secure_sum_vectors.hpp"

using namespace godwit;
using namespace godwit::secure_sum_vectors;

TEST_CASE(
    "X25519 gives the second implementation's bytes, and nothing where the result is zero, by "
    "every kernel") {
  for (const auto& record : items("agreement")) {
    const auto own = content(record, "secret");
    CHECK(hex(public_part(own)) == record.at("public"));
    const auto agreed = words(record.at("agreed"));
    std::vector<agreement_key> keys;
    for (const auto& key : words(record.at("keys")))
      keys.push_back(as_array<agreement_key_bytes>(from_hex(key)));
    REQUIRE(keys.size() == agreed.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      CAPTURE(hex(keys[i]));
      const auto found = agree(own, keys[i]);
      CHECK((found ? hex(found->reveal()) : "none") == agreed[i]);
      CHECK(is_weak(keys[i]) == (agreed[i] == "none"));
    }
    for (const auto kernel : {agreement_kernel::portable, agreement_kernel::ifma}) {
      if (!is_available(kernel))
        continue;
      const auto found = agree_with_all(own, keys, kernel);
      REQUIRE(found.size() == keys.size());
      for (std::size_t i = 0; i < keys.size(); ++i) {
        CAPTURE(hex(keys[i]));
        CHECK((found[i] ? hex(found[i]->reveal()) : "none") == agreed[i]);
      }
    }
  }
}
