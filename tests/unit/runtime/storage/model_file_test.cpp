// Do models survive their files, and do other programs' files open?
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "storage/model_file.hpp"
#include "support/scratch_folder.hpp"

using namespace godwit;

namespace {

model_file sample() {
  model_file model;
  model.layout = {{"fc1.weight", {2, 3}}, {"fc1.bias", {2}}, {"scale", {}}, {"vide", {0, 4}}};
  model.parameters = {1.5F,
                      -0.0F,
                      std::numeric_limits<float>::denorm_min(),
                      std::numeric_limits<float>::max(),
                      0.1F,
                      -3,
                      7,
                      std::numeric_limits<float>::infinity(),
                      42};
  model.metadata = {{"round", "12"}, {"model", "mlp-2nn \"quoted\" \xC3\xA9"}};
  return model;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

std::string little(std::uint64_t value, int count) {
  std::string text;
  for (int i = 0; i < count; ++i)
    text += static_cast<char>(value >> (8 * i) & 0xFF);
  return text;
}

/// Whether there is a Python that can say what numpy says.
bool has_numpy() {
  return std::system("python3 -c 'import numpy' >/dev/null 2>&1") == 0;
}

} // namespace

TEST_CASE("a model comes back with the same names, shapes, bits and metadata") {
  for (const char* name : {"m.safetensors", "m.npz"}) {
    CAPTURE(name);
    scratch_folder folder;
    REQUIRE(write_model(folder / name, sample()));
    const auto back = read_model(folder / name);
    REQUIRE(back);
    CHECK(back->layout == sample().layout);
    CHECK(same_bits(back->parameters, sample().parameters));
    CHECK(back->metadata == sample().metadata);
  }
}

TEST_CASE("a model without metadata, or without tensors, is a model") {
  for (const char* name : {"m.safetensors", "m.npz"}) {
    CAPTURE(name);
    scratch_folder folder;
    model_file model;
    REQUIRE(write_model(folder / name, model));
    CHECK(read_model(folder / name)->layout.empty());
    model.layout = {{"w", {3}}};
    model.parameters = {1, 2, 3};
    REQUIRE(write_model(folder / name, model));
    CHECK(read_model(folder / name)->metadata.empty());
    CHECK(read_model(folder / name)->parameters == model.parameters);
  }
}

TEST_CASE("the same model gives the same file") {
  for (const char* name : {"m.safetensors", "m.npz"}) {
    scratch_folder folder;
    REQUIRE(write_model(folder / name, sample()));
    const auto first = read_whole(folder / name);
    REQUIRE(write_model(folder / name, sample()));
    CHECK(read_whole(folder / name) == first);
  }
}

TEST_CASE("a written .safetensors file is what the format says, byte by byte") {
  scratch_folder folder;
  REQUIRE(write_model(folder / "m.safetensors", sample()));
  const auto content = read_whole(folder / "m.safetensors");
  std::uint64_t length = 0;
  std::memcpy(&length, content.data(), sizeof(length));
  REQUIRE(length % 8 == 0);
  REQUIRE(8 + length + 9 * sizeof(float) == content.size());
  const auto header = nlohmann::json::parse(content.substr(8, length));
  CHECK(header["__metadata__"]["round"] == "12");
  CHECK(header["fc1.weight"] ==
        nlohmann::json::parse(R"({"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]})"));
  CHECK(header["fc1.bias"]["data_offsets"] == nlohmann::json::parse("[24, 32]"));
  CHECK(header["scale"]["shape"] == nlohmann::json::array());
  CHECK(header["vide"]["data_offsets"] == nlohmann::json::parse("[36, 36]"));
  CHECK(std::memcmp(content.data() + 8 + length, sample().parameters.data(), 36) == 0);
}

TEST_CASE("a written .npz file has 64-byte headers that numpy's format describes") {
  scratch_folder folder;
  REQUIRE(write_model(folder / "m.npz", sample()));
  const auto content = read_whole(folder / "m.npz");
  CHECK(content.starts_with("PK\x03\x04"));
  const auto at = content.find("\x93NUMPY");
  REQUIRE(at != std::string::npos);
  CHECK(content.substr(0, at).ends_with("fc1.weight.npy"));
  CHECK(contains(content, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"));
  CHECK(contains(content, "'shape': (2,), }"));
  CHECK(contains(content, "'shape': (), }"));
  CHECK(content[at + 127] == '\n');
  CHECK(std::memcmp(content.data() + at + 128, sample().parameters.data(), 24) == 0);
}

TEST_CASE("numpy opens what we write, and we open what numpy writes") {
  if (!has_numpy()) {
    MESSAGE("skipped: there is no python3 with numpy");
    return;
  }
  scratch_folder folder;
  REQUIRE(write_model(folder / "m.npz", sample()));
  REQUIRE(write_model(folder / "m.safetensors", sample()));
  write_whole(folder / "check.py", R"(
import json, numpy as np
m = np.load('m.npz')
assert m.files == ['fc1.weight', 'fc1.bias', 'scale', 'vide'], m.files
assert m['fc1.weight'].shape == (2, 3) and m['fc1.weight'].dtype == np.float32
assert m['scale'].shape == () and m['scale'] == 42 and m['vide'].shape == (0, 4)
raw = open('m.safetensors', 'rb').read()
n = int.from_bytes(raw[:8], 'little')
head = json.loads(raw[8:8 + n])
assert head.pop('__metadata__')['round'] == '12'
for name, t in head.items():
    b, e = t['data_offsets']
    a = np.frombuffer(raw[8 + n + b:8 + n + e], '<f4').reshape(t['shape'])
    assert a.tobytes() == m[name].tobytes(), name
w = np.arange(5000, dtype=np.float32).reshape(50, 100)
np.savez('plain.npz', w=w, h=w[0, :4].astype(np.float16), d=w[1].astype(np.float64))
np.savez_compressed('packed.npz', w=w, z=np.zeros((100, 100), np.float32))
)");
  const auto command = "cd '" + folder.path().string() + "' && python3 check.py";
  REQUIRE(std::system(command.c_str()) == 0);
  const auto plain = read_model(folder / "plain.npz");
  REQUIRE(plain);
  CHECK(plain->layout == model_layout{{"w", {50, 100}}, {"h", {4}}, {"d", {100}}});
  CHECK(plain->parameters[4999] == 4999);
  CHECK(plain->parameters[5003] == 3);
  CHECK(plain->parameters[5004] == 100);
  const auto packed = read_model(folder / "packed.npz");
  REQUIRE(packed);
  CHECK(packed->parameters[4999] == 4999);
  CHECK(packed->parameters.size() == 15'000);
}

TEST_CASE("F16, BF16 and F64 are converted, in the order of the data") {
  scratch_folder folder;
  const std::string header = R"({"d":{"dtype":"F64","shape":[2],"data_offsets":[14,30]},)"
                             R"("b":{"dtype":"BF16","shape":[1],"data_offsets":[12,14]},)"
                             R"("h":{"dtype":"F16","shape":[6],"data_offsets":[0,12]}})";
  const double doubles[] = {0.1, 1e300};
  std::string data = little(0x3C00, 2) + little(0xC000, 2) + little(0x7BFF, 2) + little(0x0001, 2) +
                     little(0x8400, 2) + little(0xFC00, 2) + little(0x3FC0, 2);
  data.append(reinterpret_cast<const char*>(doubles), sizeof(doubles));
  write_whole(folder / "m.safetensors", little(header.size(), 8) + header + data);
  const auto model = read_model(folder / "m.safetensors");
  REQUIRE(model);
  CHECK(model->layout == model_layout{{"h", {6}}, {"b", {1}}, {"d", {2}}});
  const float infinite = std::numeric_limits<float>::infinity();
  CHECK(model->parameters ==
        std::vector<float>{1, -2, 65504, 0x1p-24F, -0x1p-14F, -infinite, 1.5F, 0.1F, infinite});
}

TEST_CASE(
    "pickles are refused with the command that converts them, other names with the right ones") {
  scratch_folder folder;
  for (const char* name : {"m.pt", "m.pth", "m.bin", "m.pkl"}) {
    write_whole(folder / name, "PK\x03\x04");
    const auto model = read_model(folder / name);
    REQUIRE_FALSE(model);
    CHECK(model.why().code == failure_code::unsupported);
    CHECK(contains(model.why().detail, "save_file(torch.load('" + std::string(name)));
  }
  for (const char* name : {"m", "m.onnx", "m.SAFETENSORS", ".npz"}) {
    CHECK(contains(read_model(folder / name).why().detail, ".safetensors or .npz"));
    CHECK(write_model(folder / name, sample()).why().code == failure_code::unsupported);
  }
  for (const char* name : {"no.safetensors", "no.npz"})
    CHECK(read_model(folder / name).why().code == failure_code::not_found);
}

TEST_CASE("a model whose names no file can hold is not written, and leaves no file") {
  scratch_folder folder;
  for (const char* name : {"m.safetensors", "m.npz"})
    for (const std::string tensor : {"", "__metadata__", "\xFF"}) {
      const auto written = write_model(folder / name, {{{tensor, {1}}}, {1.0F}, {}});
      REQUIRE_FALSE(written);
      CHECK(written.why().code == failure_code::unsupported);
      CHECK_FALSE(write_model(folder / name, {{{"a", {1}}, {"a", {1}}}, {1, 2}, {}}));
      CHECK_FALSE(write_model(folder / name, {{{"a", {1}}}, {1.0F}, {{"key", "\xC3"}}}));
      CHECK_FALSE(std::filesystem::exists(folder / name));
    }
  CHECK(write_model(folder.path() / "no" / "m.npz", sample()).why().code ==
        failure_code::not_found);
  const model_file wordy{{{"a", {1}}}, {1.0F}, {{"key", std::string(70'000, 'x')}}};
  CHECK(write_model(folder / "m.npz", wordy).why().code == failure_code::unsupported);
  CHECK(write_model(folder / "m.safetensors", wordy));
}
