// Does a job begin with the model that it was given, and only if that fits?
#include <filesystem>
#include <limits>
#include <string>

#include <doctest/doctest.h>

#include "first_model.hpp"
#include "support/scratch_folder.hpp"

using namespace godwit;

namespace {

job_config job_of(const std::string& model, const std::filesystem::path& initial_model = {}) {
  job_config job;
  job.model = model;
  job.initial_model = initial_model;
  return job;
}

/// A model in a file, in a folder that is gone after the test.
class planted_file {
public:
  explicit planted_file(const model_file& content) {
    REQUIRE(write_model(folder_ / "first.safetensors", content));
  }
  job_config job() const { return job_of("softmax", folder_ / "first.safetensors"); }

private:
  scratch_folder folder_;
};

std::unique_ptr<model> softmax() {
  auto made = make_model("softmax", {2}, 2);
  REQUIRE(made);
  return std::move(*made);
}

} // namespace

TEST_CASE("a job begins with the model in its file, a custom one with any layout") {
  const auto network = softmax();
  const model_file own{network->layout(), {1, 2, 3, 4, 5, 6}, {}};
  const planted_file file(own);
  const auto first = first_model(file.job(), network.get(), 1);
  REQUIRE(first);
  CHECK(first->parameters == own.parameters);

  const model_file other{{{"anything", {3}}}, {7, 8, 9}, {}};
  const planted_file of_a_host(other);
  const auto custom = first_model(of_a_host.job(), nullptr, 1);
  REQUIRE(custom);
  CHECK(custom->layout == other.layout);
  CHECK(custom->parameters == other.parameters);
}

TEST_CASE("without a file the parameters are drawn from the seed") {
  const auto network = softmax();
  const auto one = first_model(job_of("softmax"), network.get(), 1);
  const auto again = first_model(job_of("softmax"), network.get(), 1);
  const auto two = first_model(job_of("softmax"), network.get(), 2);
  REQUIRE(one);
  CHECK(one->parameters == again->parameters);
  CHECK(one->parameters != two->parameters);
}

TEST_CASE("a first model that does not fit is refused, with what does not fit") {
  const auto network = softmax();
  const auto why = [&](const model_file& content, const model* with) {
    const planted_file file(content);
    const auto first = first_model(file.job(), with, 1);
    REQUIRE_FALSE(first);
    return first.why().detail;
  };
  CHECK(why({{{"anything", {6}}}, {1, 2, 3, 4, 5, 6}, {}}, network.get()).find("other tensors") !=
        std::string::npos);
  CHECK(why({{{"x", {1}}}, {std::numeric_limits<float>::quiet_NaN()}, {}}, nullptr)
            .find("not finite") != std::string::npos);
  CHECK_FALSE(first_model(job_of("softmax", "no-such-file.npz"), network.get(), 1));
  const auto nothing = first_model(job_of("custom"), nullptr, 1);
  REQUIRE_FALSE(nothing);
  CHECK(nothing.why().detail.find("begins with a file") != std::string::npos);
}
