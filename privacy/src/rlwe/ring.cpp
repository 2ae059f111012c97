#include "rlwe/ring.hpp"

#include <algorithm>

#include "rlwe/modular.hpp"

namespace godwit::rlwe {

prepared_polynomial::~prepared_polynomial() {
  for (auto& prime : by_prime) {
    wipe(std::as_writable_bytes(std::span(prime.values)));
    wipe(std::as_writable_bytes(std::span(prime.quotients)));
  }
}

ring::ring(const parameter_set& set, sum_kernels kernels)
    : set_(set), kernels_(kernels_of(kernels)) {
  for (std::size_t prime = 0; prime < set.prime_count; ++prime)
    transforms_.push_back(make_transform(primes[prime], set.degree, kernels_.quotient_bits));
  decoding_ = make_decoding(set, transforms_);
}

void ring::draw_uniform(word_stream& stream, std::uint64_t block, std::uint64_t* out) const {
  constexpr std::uint64_t mask = (std::uint64_t{1} << prime_bits) - 1;
  std::vector<std::uint64_t> words(set_.degree);
  for (std::size_t prime = 0; prime < set_.prime_count; ++prime) {
    stream.start(purpose::public_polynomial, static_cast<std::uint8_t>(prime), block);
    const std::uint64_t q = transforms_[prime].q;
    for (std::size_t filled = 0; filled < set_.degree;) {
      const std::span missing(words.data(), set_.degree - filled);
      stream.read(missing);
      for (const auto word : missing) {
        out[filled] = word & mask; // overwritten by the next one if it is not below the prime
        filled += out[filled] < q ? 1 : 0;
      }
    }
    out += set_.degree;
  }
}

void ring::draw_ternary(word_stream& stream, purpose what, std::uint64_t block,
                        std::uint64_t* out) const {
  secret_words words(set_.degree / 4);
  stream.start(what, 0, block);
  stream.read(words.span());
  kernels_.draw_ternary(out, words.data(), set_.degree);
}

void ring::draw_errors(word_stream& stream, purpose what, std::uint64_t block,
                       std::uint64_t* out) const {
  secret_words words(set_.degree * set_.error_words);
  stream.start(what, 0, block);
  stream.read(words.span());
  kernels_.count_coins(out, words.data(), set_.error_words, set_.degree);
}

void ring::transform_small(const std::uint64_t* small, std::uint64_t offset,
                           std::uint64_t* out) const {
  for (const auto& t : transforms_) {
    kernels_.lift(t, out, nullptr, 0, small, offset);
    kernels_.forward(t, out);
    out += set_.degree;
  }
}

void ring::transform_message(const std::uint32_t* slots, const std::uint64_t* errors,
                             std::uint64_t* out) const {
  secret_words digits(words());
  kernels_.cut_digits(set_, digits.data(), slots);
  for (const auto& t : transforms_) {
    kernels_.lift(t, out, digits.data(), set_.prime_count, errors, error_offset());
    kernels_.forward(t, out);
    out += set_.degree;
  }
}

prepared_polynomial ring::prepare(const std::uint64_t* transformed) const {
  prepared_polynomial prepared;
  for (const auto& t : transforms_) {
    factors made{{transformed, transformed + set_.degree}, std::vector<std::uint64_t>(set_.degree)};
    for (std::size_t i = 0; i < set_.degree; ++i)
      made.quotients[i] = quotient_of(transformed[i], t.step, t.q) >> (64 - t.quotient_bits);
    prepared.by_prime.push_back(std::move(made));
    transformed += set_.degree;
  }
  return prepared;
}

void ring::multiply_add(std::uint64_t* sum, const std::uint64_t* x,
                        const prepared_polynomial& w) const {
  for (std::size_t prime = 0; prime < set_.prime_count; ++prime) {
    const std::size_t from = prime * set_.degree;
    kernels_.multiply_add(transforms_[prime], sum + from, x + from, w.by_prime[prime]);
  }
}

void ring::negate(std::uint64_t* sum) const {
  for (const auto& t : transforms_)
    for (std::size_t i = 0; i < set_.degree; ++i, ++sum)
      *sum = reduce_once(t.q - *sum, t.q);
}

void ring::add(std::uint64_t* sum, const std::uint64_t* x) const {
  for (const auto& t : transforms_)
    for (std::size_t i = 0; i < set_.degree; ++i, ++sum, ++x)
      *sum = reduce_once(*sum + *x, t.q);
}

void ring::reduce(std::span<std::uint64_t> words) const {
  for (std::size_t at = 0; at < words.size(); at += set_.degree) {
    const transform& t = transforms_[at / set_.degree % set_.prime_count];
    for (auto& word : words.subspan(at, set_.degree))
      word = reduce_once(word - high_product(word, t.whole) * t.q, t.q);
  }
}

void ring::scale(std::uint64_t* words, std::uint32_t weight) const {
  for (const auto& t : transforms_) {
    const std::uint64_t quotient = quotient_of(weight, t.step, t.q);
    for (std::size_t i = 0; i < set_.degree; ++i, ++words)
      *words = multiply(*words, weight, quotient, t.q);
  }
}

decoded_bounds ring::decode(std::uint64_t* transformed, std::uint32_t* slots) const {
  for (std::size_t prime = 0; prime < set_.prime_count; ++prime)
    kernels_.inverse(transforms_[prime], transformed + prime * set_.degree);
  const auto decode = set_.prime_count == 2 ? kernels_.decode_two_primes : decode_any;
  return decode(decoding_, slots, transformed);
}

} // namespace godwit::rlwe
