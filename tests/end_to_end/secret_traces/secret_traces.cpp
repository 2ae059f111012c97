// Which secrets did an edge have in a round of a secure sum, and in which files can one be found?
//
//   secret_traces JOURNAL_FOLDER PLACE...
//
// JOURNAL_FOLDER holds a copy of the edge's journal from the middle of a round, with the seed and
// the roster in it. Every secret that follows from them is looked for in the files PLACE and in all
// files below the folders PLACE: its bytes, hexadecimal, and base64 at any alignment. Ends with 0
// where there is none, 1 where there is one (files and names are printed, never a secret), and 2
// where nothing could be looked for.
#include <algorithm>
#include <cctype>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <godwit/actors/machines/outbox.hpp>
#include <godwit/privacy/base64url.hpp>
#include <godwit/privacy/client_draws.hpp>
#include <godwit/privacy/digest.hpp>
#include <godwit/privacy/key_agreement.hpp>
#include <godwit/privacy/roster.hpp>
#include <godwit/privacy/secure_terms.hpp>
#include <godwit/privacy/signature.hpp>

#include "storage/journal_file.hpp"
#include "storage/real_disk.hpp"

namespace fs = std::filesystem;
using namespace godwit;

namespace {

struct named_secret {
  std::string name;
  bytes content;
};

struct pattern {
  std::string name;
  std::string form;
  std::string content;
};

bytes copy_of(bytes_view content) {
  return bytes(content.begin(), content.end());
}

std::optional<outbox::secure_part> part_in(const fs::path& folder) {
  auto opened = journal_file::open(std::make_shared<real_disk>(folder));
  if (!opened) {
    std::cerr << opened.why().detail << '\n';
    return {};
  }
  auto past = outbox::recall(opened->records,
                             [&](std::uint64_t place) { return opened->journal.body(place); });
  if (!past) {
    std::cerr << past.why().detail << '\n';
    return {};
  }
  return std::move(past->secure);
}

/// All that is secret of the edge in this round: what it drew, and what it agreed upon with each of
/// its neighbours.
std::vector<named_secret> secrets_of(const outbox::secure_part& part) {
  const auto seed = part.seed->reveal();
  const auto drawn = secure_sum::draw(seed, secure_sum::hash_of_terms(as_bytes(part.terms)));
  std::vector<named_secret> all;
  const auto add = [&all](std::string name, bytes_view content) {
    all.push_back({std::move(name), copy_of(content)});
  };
  add("seed", seed);
  add("c_sk", drawn.channel.reveal());
  add("s_sk", drawn.pairwise.reveal());
  add("b", drawn.self.reveal());
  add("share coefficients", drawn.shares.reveal());
  add("rounding", drawn.rounding.reveal());
  const auto identity = hkdf_sha256(seed, {}, as_bytes("FLSA1/identity"), signing_seed_bytes);
  add("identity", identity.reveal());
  for (const auto& call : part.calls) {
    if (secure_step{call.step} != secure_step::roster)
      continue;
    const auto told = secure_sum::decode_roster(call.content.view());
    if (!told)
      continue;
    for (const auto& near : told->neighbours) {
      const auto with = " with " + near.advert.client.name;
      const auto channel = agree(drawn.channel.reveal(), near.advert.channel);
      const auto pair = agree(drawn.pairwise.reveal(), near.advert.pairwise);
      if (!channel || !pair)
        continue;
      const auto key = [&](std::uint32_t from, std::uint32_t to) {
        return secure_sum::channel_key(channel->reveal(), told->root, from, to);
      };
      add("channel agreement" + with, channel->reveal());
      add("channel key" + with, key(told->own_index, near.index).reveal());
      add("channel key back" + with, key(near.index, told->own_index).reveal());
      add("pairwise agreement" + with, pair->reveal());
      add("mask key" + with,
          secure_sum::pair_key(pair->reveal(), told->root, told->own_index, near.index, part.round)
              .reveal());
    }
  }
  return all;
}

/// The characters of a base64 text that are the secret's alone, where it begins at this byte of a
/// group of three.
std::string base64_core(bytes_view content, std::size_t alignment) {
  bytes shifted(alignment);
  shifted.insert(shifted.end(), content.begin(), content.end());
  const auto text = base64url_encode(shifted);
  const auto begin = (alignment * 8 + 5) / 6;
  const auto end = shifted.size() * 8 / 6;
  return text.substr(begin, end - begin);
}

std::vector<pattern> patterns_of(const std::vector<named_secret>& secrets) {
  std::vector<pattern> all;
  for (const auto& [name, content] : secrets) {
    all.push_back({name, "bytes", as_text(content)});
    auto text = hex(content);
    all.push_back({name, "hex", text});
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
    all.push_back({name, "hex", text});
    for (std::size_t alignment = 0; alignment < 3; ++alignment) {
      auto core = base64_core(content, alignment);
      all.push_back({name, "base64url", core});
      std::ranges::replace(core, '-', '+');
      std::ranges::replace(core, '_', '/');
      all.push_back({name, "base64", core});
    }
  }
  return all;
}

/// How many secrets are in the file; each is told of once.
std::size_t search(const fs::path& file, const std::vector<pattern>& patterns) {
  std::ifstream in(file, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(in), {}};
  std::size_t found = 0;
  for (const auto& each : patterns)
    if (content.find(each.content) != std::string::npos) {
      std::cout << file.string() << ": " << each.name << ", as " << each.form << '\n';
      ++found;
    }
  return found;
}

} // namespace

int main(int argc, char** argv) {
  const std::vector<fs::path> arguments(argv + 1, argv + argc);
  if (arguments.size() < 2)
    return 2;
  const auto part = part_in(arguments[0]);
  const auto secrets = part ? secrets_of(*part) : std::vector<named_secret>();
  constexpr std::size_t drawn_count = 7; // without a roster there are no more
  if (secrets.size() <= drawn_count) {
    std::cerr << arguments[0].string() << ": no seed and roster of an open round\n";
    return 2;
  }
  const auto patterns = patterns_of(secrets);
  std::size_t file_count = 0;
  std::size_t found = 0;
  const auto look = [&](const fs::path& file) {
    ++file_count;
    found += search(file, patterns);
  };
  for (std::size_t i = 1; i < arguments.size(); ++i)
    if (fs::is_directory(arguments[i])) {
      for (const auto& each : fs::recursive_directory_iterator(arguments[i]))
        if (each.is_regular_file())
          look(each.path());
    } else {
      look(arguments[i]);
    }
  std::cout << secrets.size() << " secrets, " << file_count << " files, " << found << " found\n";
  if (file_count == 0)
    return 2;
  return found == 0 ? 0 : 1;
}
