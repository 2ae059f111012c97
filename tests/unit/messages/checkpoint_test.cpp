// Does a checkpoint come back as it was written, and does nothing else pass for one?
#include <cstring>
#include <string>

#include <doctest/doctest.h>

#include <godwit/messages/checkpoint.hpp>

#include "support/sample_messages.hpp"

using namespace godwit;

namespace {

std::string why(const attempt<checkpoint>& out) {
  return out ? "" : std::string(name(out.why().code));
}

} // namespace

TEST_CASE("a checkpoint comes back as it was written") {
  const auto kept = samples::kept();
  const auto back = decode_checkpoint(samples::on_disk(kept));
  REQUIRE(back);
  CHECK(back->job == kept.job);
  CHECK(back->model == kept.model);
  CHECK(back->seed == kept.seed);
  CHECK(back->round == kept.round);
  CHECK(back->committed_count == kept.committed_count);
  CHECK(back->elapsed_ns == kept.elapsed_ns);
  CHECK(back->bytes_up == kept.bytes_up);
  CHECK(back->bytes_down == kept.bytes_down);
  CHECK(back->clip_norm == kept.clip_norm);
  REQUIRE(back->members.size() == 2);
  CHECK(back->members[0].client == kept.members[0].client);
  CHECK(back->members[1].fingerprint == kept.members[1].fingerprint);
  CHECK(back->layout == kept.layout);
  CHECK(back->parameters == kept.parameters);
}

TEST_CASE("an empty checkpoint comes back too") {
  CHECK(decode_checkpoint(samples::on_disk(checkpoint{})));
}

TEST_CASE("any single bit that changes is noticed") {
  const auto good = samples::on_disk(samples::kept());
  for (std::size_t at = 0; at < good.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      auto bad = good;
      bad[at] ^= static_cast<std::byte>(1U << bit);
      CAPTURE(at);
      CHECK(why(decode_checkpoint(bad)) == "corrupt");
    }
}

TEST_CASE("a checkpoint that is cut off or continued is noticed") {
  const auto good = samples::on_disk(samples::kept());
  for (std::size_t length = 0; length < good.size(); ++length)
    CHECK(why(decode_checkpoint(bytes_view(good).first(length))) == "corrupt");
  auto longer = good;
  longer.push_back(std::byte{0});
  CHECK(why(decode_checkpoint(longer)) == "corrupt");
}

TEST_CASE("what is said about a broken checkpoint names the next step") {
  const auto out = decode_checkpoint({});
  REQUIRE_FALSE(out);
  CHECK_FALSE(out.why().retry);
  CHECK(out.why().detail.find("restore an older copy") != std::string::npos);
}

TEST_CASE("a checkpoint whose parameters do not fit its layout is refused, though its checksum is "
          "right") {
  auto kept = samples::kept();
  kept.parameters.push_back(4.0F);
  CHECK(why(decode_checkpoint(samples::on_disk(kept))) == "corrupt");
}
