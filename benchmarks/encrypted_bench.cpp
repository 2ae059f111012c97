// The encrypted workload: each set with each of its kernels, in a cache and beyond it, and a round.
#include "encrypted_bench.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <godwit/privacy/encrypted_sum.hpp>
#include <godwit/privacy/mask.hpp>

#include "csv_rows.hpp"
#include "rlwe/ring.hpp"
#include "thread_cpu_time.hpp"

namespace godwit {

namespace {

constexpr std::uint8_t value_bits = 13;
constexpr int additions = 32; ///< in one measurement: asking for the time takes a while, too

secret seed_of(std::size_t number) {
  bytes seed(32);
  for (std::size_t i = 0; i < seed.size(); ++i)
    seed[i] = static_cast<std::byte>(number * 131 + i * 7 + (number >> 8));
  return secret(std::move(seed));
}

std::vector<std::uint32_t> values_of(std::size_t count, std::size_t client) {
  std::vector<std::uint32_t> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = (static_cast<std::uint32_t>(i + client) * 2654435761U) >> (32 - value_bits);
  return values;
}

/// Memory that was given back is used again instead of being asked of the system anew, which would
/// be measured with the first use of each page.
void keep_memory() {
#if defined(__GLIBC__)
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

/// One client's encrypting end, and what a server needs of its key.
struct client {
  std::unique_ptr<sum_encryptor> encryptor;
  sum_keys keys;
};

client client_of(const additive_scheme& scheme, std::size_t key) {
  client made{.encryptor = {}, .keys = std::move(*scheme.make_keys(seed_of(key)))};
  made.encryptor = std::move(*scheme.encryptor(made.keys.encryption.reveal()));
  return made;
}

/// The key-additive keys' sum.
class key_sum {
public:
  void add(const secret& key) {
    const auto terms = key.reveal();
    sums_.resize(terms.size() / 4);
    for (std::size_t i = 0; i < terms.size(); ++i)
      sums_[i / 4] += std::to_integer<std::uint32_t>(terms[i]) << (8 * (i % 4));
  }
  secret key() const {
    bytes content;
    for (const auto sum : sums_)
      for (unsigned shift = 0; shift < 32; shift += 8)
        content.push_back(static_cast<std::byte>(sum >> shift));
    return secret(std::move(content));
  }

private:
  std::vector<std::uint32_t> sums_;
};

/// What the ring cannot do without, for one block: the bytes of its generator and its transforms.
class bare_block {
public:
  bare_block(const rlwe::parameter_set& set, sum_kernels kernels)
      : in_(set, kernels), words_(in_.words()),
        stream_words_(set.polynomials == 1 ? 2 * set.degree + in_.words()
                                           : 2 * set.degree + set.degree / 4),
        transforms_(set.polynomials == 1 ? 1 : 3) {}

  void encrypt() {
    rlwe::word_stream stream(seed_.reveal());
    stream.start(rlwe::purpose::message_error, 0, 0);
    for (std::size_t read = 0; read < stream_words_; read += words_.size() / 2)
      stream.read(std::span(words_).first(std::min(words_.size() / 2, stream_words_ - read)));
    std::fill(words_.begin(), words_.end(), 1);
    for (int i = 0; i < transforms_; ++i)
      for (std::size_t prime = 0; prime < in_.set().prime_count; ++prime)
        in_.kernels().forward(in_.at(prime), words_.data() + prime * in_.set().degree);
  }
  void decrypt() {
    for (std::size_t prime = 0; prime < in_.set().prime_count; ++prime)
      in_.kernels().inverse(in_.at(prime), words_.data() + prime * in_.set().degree);
  }
  void expand() {
    rlwe::word_stream stream(seed_.reveal());
    in_.draw_uniform(stream, 0, words_.data());
  }

private:
  rlwe::ring in_;
  std::vector<std::uint64_t> words_;
  secret seed_ = seed_of(1);
  std::size_t stream_words_;
  int transforms_;
};

/// Reads and adds, nothing else: the memory's limit.
template <class T>
void plain_add(std::vector<T>& sum, const std::vector<T>& part) {
  for (std::size_t i = 0; i < sum.size(); ++i)
    sum[i] += part[i];
}

/// The measured steps of one scheme on `value_count` values; the sum is checked.
struct step_times {
  least_cpu_time encrypt, encode, decode, add, plain_add, decrypt;
  bool is_right = true;
};

step_times measure_steps(const additive_scheme& scheme, std::size_t value_count, int repeats) {
  step_times times;
  const auto values = values_of(value_count, 0);
  for (int repeat = 0; repeat < repeats; ++repeat) {
    auto from = client_of(scheme, 7);
    encrypted_values item, read;
    bytes sent;
    times.encrypt.take(
        [&] { item = std::move(*from.encryptor->encrypt(values, value_bits, 1, seed_of(9))); });
    times.encode.take([&] { sent = scheme.encode(item); });
    times.decode.take([&] { read = std::move(*scheme.decode(sent)); });
    const auto adder = std::move(*scheme.accumulator(item.label, from.keys.encryption.reveal()));
    for (int turn = 0; turn < 3; ++turn) { // the first one brings the words into the cache
      times.add.take([&] {
        for (int i = 0; i < additions; ++i)
          times.is_right = times.is_right && adder->add(item).has_value();
      });
      times.plain_add.take([&] {
        for (int i = 0; i < additions; ++i)
          plain_add(read.words, item.words);
      });
    }
    const auto decryptor = std::move(*scheme.decryptor(from.keys.decryption));
    std::vector<std::uint32_t> sums;
    times.decrypt.take([&] { sums = std::move(*decryptor->decrypt(item)); });
    times.is_right = times.is_right && sums == values;
  }
  return times;
}

void write_steps(rows& out, const std::string& where, const step_times& times,
                 std::size_t value_count) {
  const double scale = 1e9 / static_cast<double>(value_count);
  out.write(where + "_encrypt", times.encrypt.seconds() * scale, "ns/value");
  out.write(where + "_add", times.add.seconds() / additions * scale, "ns/value");
  out.write(where + "_plain_add_of_the_words", times.plain_add.seconds() / additions * scale,
            "ns/value");
  out.write(where + "_decrypt", times.decrypt.seconds() * scale, "ns/value");
  out.write(where + "_encode", times.encode.seconds() * scale, "ns/value");
  out.write(where + "_decode", times.decode.seconds() * scale, "ns/value");
}

void write_bare(rows& out, const rlwe::parameter_set& set, sum_kernels kernels, int repeats,
                const step_times& times) {
  bare_block bare(set, kernels);
  least_cpu_time encrypt, decrypt, expand;
  for (int i = 0; i < repeats; ++i) {
    encrypt.take([&] { bare.encrypt(); });
    decrypt.take([&] { bare.decrypt(); });
    expand.take([&] { bare.expand(); });
  }
  const double scale = 1e9 / static_cast<double>(rlwe::values_in_block(set));
  out.write("block_generator_and_transforms_of_encrypt", encrypt.seconds() * scale, "ns/value");
  out.write("block_transforms_of_decrypt", decrypt.seconds() * scale, "ns/value");
  if (set.polynomials == 1)
    out.write("block_expansion_in_encrypt", expand.seconds() * scale, "ns/value");
  out.write("ratio_encrypt_to_generator_and_transforms",
            times.encrypt.seconds() / encrypt.seconds(), "1");
}

bool measure_set(const encrypted_bench_options& options, sum_set set, sum_kernels kernels,
                 std::ostream& csv) {
  const bool is_ring = rlwe::find_set(set) != nullptr;
  const auto scheme = make_additive_scheme(set, {}, kernels);
  const auto shape = scheme->shape();
  std::string head = std::string("encrypted,") + std::string(name(set));
  if (is_ring)
    head += kernels == sum_kernels::portable ? "_portable" : "_avx512_ifma";
  rows out(csv, head);
  const int repeats = is_ring ? options.repeats : 1;
  const auto block = measure_steps(*scheme, shape.values_in_block, 10 * repeats);
  write_steps(out, "block", block, shape.values_in_block);
  if (is_ring)
    write_bare(out, *rlwe::find_set(set), kernels, 10 * repeats, block);
  out.write("wire",
            static_cast<double>(shape.block_bytes) / static_cast<double>(shape.values_in_block),
            "B/value");
  if (!is_ring)
    return block.is_right;
  const auto large = measure_steps(*scheme, options.value_count, std::max(1, repeats / 4));
  write_steps(out, "large", large, options.value_count);
  return block.is_right && large.is_right;
}

/// Clients encrypt and encode, a server decodes and adds, and the sum is decrypted and checked.
bool measure_round(const encrypted_bench_options& options, sum_set set, sum_kernels kernels,
                   std::ostream& csv) {
  const auto scheme = make_additive_scheme(set, {}, kernels);
  std::unique_ptr<sum_accumulator> adder;
  key_sum keys;
  std::vector<std::uint32_t> plain(options.value_count), sums;
  double clients = 0, server = 0;
  const auto timed = [](double& total, auto&& work) {
    const double start = thread_cpu_seconds();
    work();
    total += thread_cpu_seconds() - start;
  };
  for (std::size_t number = 0; number < options.client_count; ++number) {
    const auto values = values_of(options.value_count, number);
    plain_add(plain, values);
    bytes sent;
    timed(clients, [&] {
      auto own = client_of(*scheme, set == sum_set::rk4096a ? number : 0);
      if (set == sum_set::rk4096a)
        keys.add(own.keys.decryption);
      sent = scheme->encode(*own.encryptor->encrypt(values, value_bits, 1, seed_of(number + 500)));
    });
    timed(server, [&] {
      const auto item = std::move(*scheme->decode(sent));
      if (!adder)
        adder = std::move(*scheme->accumulator(item.label, {}));
      adder->add(item).value();
    });
  }
  timed(server, [&] {
    const auto key = set == sum_set::rk4096a ? keys.key() : seed_of(0);
    sums = std::move(*std::move(*scheme->decryptor(key))->decrypt(adder->sum()));
  });
  rows out(csv, std::string("encrypted,") + std::string(name(set)) + "_round_n" +
                    std::to_string(options.client_count) + "_d" +
                    std::to_string(options.value_count));
  out.write("all_clients", clients, "s");
  out.write("server", server, "s");
  out.write("whole", clients + server, "s");
  out.write("sum_is_right", sums == plain ? 1 : 0, "1");
  return sums == plain;
}

} // namespace

int run_encrypted_bench(const encrypted_bench_options& options, std::ostream& csv) {
  csv << csv_header << '\n';
  keep_memory();
  bool is_right = true;
  for (const auto set : {sum_set::rl4096a, sum_set::rk4096a})
    for (const auto kernels : {sum_kernels::avx512_ifma, sum_kernels::portable})
      if (is_available(kernels))
        is_right = measure_set(options, set, kernels, csv) && is_right;
  is_right = measure_set(options, sum_set::paillier2048, best_sum_kernels(), csv) && is_right;
  for (const auto set : {sum_set::rl4096a, sum_set::rk4096a})
    is_right = measure_round(options, set, best_sum_kernels(), csv) && is_right;
  return is_right ? 0 : 1;
}

} // namespace godwit
