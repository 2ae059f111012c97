// Does an edge keep its newest models whole, whatever its disk does?
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
  CHECK(disk->used_bytes() < 1000); // the files of the others are gone
}

TEST_CASE("a model that is not what was kept is refused and removed, and can be kept anew") {
  auto disk = std::make_shared<simulated_disk>();
  model_files models(disk);
  REQUIRE(models.put(model(1).id, model(1).content));
  auto& file = disk->content("model-" + hex(model(1).id.sha256));
  SUBCASE("flipped") {
    file[7] ^= std::byte{1};
  }
  SUBCASE("cut") {
    file.pop_back();
  }
  SUBCASE("longer") {
    file.push_back({});
  }
  CHECK(why(models.get(model(1).id)) == "corrupt");
  if (disk->exists("model-" + hex(model(1).id.sha256)).value())
    REQUIRE(disk->remove("model-" + hex(model(1).id.sha256)));
  CHECK(why(models.get(model(1).id)) == "not_found");
  REQUIRE(models.put(model(1).id, model(1).content));
  CHECK(why(models.get(model(1).id)).empty());
}

TEST_CASE("a power cut at any step leaves each listed model whole or not there, and forgets none") {
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
    std::size_t there = 0;
    for (const auto& each : *listed) {
      const auto got = models.get(each);
      CHECK((got || got.why().code == failure_code::not_found));
      there += got.has_value();
    }
    CHECK(there >= 1);
    std::size_t files = 0;
    for (int i = 1; i <= 3; ++i)
      files += disk->exists("model-" + hex(model(i).id.sha256)).value();
    CHECK(files == there); // none is there that the list does not name
    REQUIRE(models.put(model(3).id, model(3).content));
    CHECK(models.list()->size() <= model_files::count_max);
  }
}

TEST_CASE("a full disk is said, and what is listed stays readable") {
  auto disk = std::make_shared<simulated_disk>();
  model_files models(disk);
  REQUIRE(models.put(model(1).id, model(1).content));
  disk->fill_at(disk->used_bytes() + 200);
  const auto put = models.put(model(2).id, model(2).content);
  REQUIRE_FALSE(put);
  CHECK(put.why().code == failure_code::no_space);
  CHECK(models.get(model(1).id));
}
