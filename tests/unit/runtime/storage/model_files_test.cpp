// Does an edge keep its newest models whole, whatever its disk does?
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/digest.hpp>

#include "storage/model_files.hpp"
#include "support/simulated_disk.hpp"

using namespace godwit;

namespace {

struct some_model {
  model_id id;
  shared_bytes content;
};

some_model model(int number) {
  bytes content(400, static_cast<std::byte>(number));
  return {{sha256(content), content.size()}, shared_bytes(content)};
}

std::string why(const attempt<shared_bytes>& got) {
  return got ? "" : std::string(name(got.why().code));
}

} // namespace

TEST_CASE("the newest two models are kept, and a restart finds them") {
  auto disk = std::make_shared<simulated_disk>();
  {
    model_files models(disk);
    CHECK(models.list()->empty());
    for (int i = 1; i <= 3; ++i)
      REQUIRE(models.put(model(i).id, model(i).content));
    REQUIRE(models.put(model(2).id, model(2).content)); // again: now it is the newest
  }
  model_files models(disk);
  CHECK(*models.list() == std::vector<model_id>{model(2).id, model(3).id});
  CHECK(why(models.get(model(1).id)) == "not_found");
  const auto got = models.get(model(3).id);
  REQUIRE(got);
  CHECK(std::ranges::equal(got->view(), model(3).content.view()));
  CHECK(disk->used_bytes() < 1000); // nothing is left of the others
}

TEST_CASE("a model that is not what was kept is refused, and can be kept anew") {
  auto disk = std::make_shared<simulated_disk>();
  model_files models(disk);
  REQUIRE(models.put(model(1).id, model(1).content));
  std::string expected = "not_found";
  SUBCASE("flipped") {
    disk->content("model-1").back() ^= std::byte{1};
    expected = "corrupt";
  }
  SUBCASE("cut") {
    disk->content("model-1").pop_back();
  }
  SUBCASE("longer") {
    disk->content("model-1").push_back({});
  }
  SUBCASE("another file") {
    disk->content("model-1").front() ^= std::byte{1};
  }
  CHECK(why(models.get(model(1).id)) == expected);
  CHECK(why(models.get(model(1).id)) == "not_found");
  CHECK(models.list()->empty());
  REQUIRE(models.put(model(1).id, model(1).content));
  CHECK(why(models.get(model(1).id)).empty());
}

TEST_CASE("a power cut at any step leaves no model that is not what was kept") {
  for (std::uint64_t step = 0;; ++step) {
    CAPTURE(step);
    auto disk = std::make_shared<simulated_disk>();
    {
      model_files models(disk);
      REQUIRE(models.put(model(1).id, model(1).content));
      REQUIRE(models.put(model(2).id, model(2).content));
      disk->lose_power(step);
      if (models.put(model(3).id, model(3).content)) {
        CHECK(step > 3);
        return;
      }
    }
    disk->crash(step);
    model_files models(disk);
    const auto listed = models.list();
    REQUIRE(listed);
    for (const auto& each : *listed) {
      const auto got = models.get(each);
      CHECK((got || got.why().code == failure_code::corrupt));
    }
    REQUIRE(models.put(model(3).id, model(3).content));
    CHECK(models.get(model(3).id));
    CHECK(models.list()->size() <= model_files::count_max);
  }
}

TEST_CASE("a full disk is said, and the newest model stays readable") {
  auto disk = std::make_shared<simulated_disk>();
  model_files models(disk);
  REQUIRE(models.put(model(1).id, model(1).content));
  disk->fill_at(disk->used_bytes() + 200);
  const auto put = models.put(model(2).id, model(2).content);
  REQUIRE_FALSE(put);
  CHECK(put.why().code == failure_code::no_space);
  CHECK(models.get(model(1).id));
}
