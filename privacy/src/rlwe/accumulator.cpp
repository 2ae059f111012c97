#include "rlwe/accumulator.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "rlwe/ciphertext.hpp"
#include "sum_addition.hpp"

namespace godwit::rlwe {

namespace {

class ring_accumulator final : public sum_accumulator {
public:
  ring_accumulator(std::shared_ptr<const ring> in, const sum_label& like)
      : in_(std::move(in)), sum_{.label = like, .words = {}},
        level_max_(level_max(in_->set(), like.value_bits, like.parties)) {
    sum_.label.level = 0;
    sum_.words.resize(block_count(in_->set(), like.value_count) * in_->set().polynomials *
                      in_->words());
  }

  sum_result<done> add(const encrypted_values& item, std::uint32_t weight) override {
    if (auto fits = may_add(item, sum_, level_max_, weight); !fits)
      return fits.why();
    if (weight == 1)
      in_->kernels().add(sum_.words.data(), item.words.data(), item.words.size());
    else
      add_scaled(item.words, weight);
    count_addition(item.label.level * weight);
    return done{};
  }

  sum_result<done> add_body(bytes_view body) override {
    if (body.size() != packed_bytes(sum_.words.size()))
      return sum_refusal::wrong_shape;
    if (sum_.label.level >= level_max_)
      return sum_refusal::over_level;
    std::vector<std::uint64_t> part(in_->words());
    for (std::size_t at = 0; at < sum_.words.size(); at += part.size()) {
      if (!unpack_polynomial(in_->set(), body.data() + packed_bytes(at), part.data())) {
        take_out(body, at);
        return sum_refusal::coefficient_out_of_range;
      }
      in_->kernels().add(sum_.words.data() + at, part.data(), part.size());
    }
    count_addition(1);
    return done{};
  }

  encrypted_values sum() const override {
    auto reduced = sum_;
    in_->reduce(reduced.words);
    return reduced;
  }

private:
  static constexpr std::uint32_t unreduced_max = (1U << (64 - prime_bits)) - 1;

  void count_addition(std::uint64_t level) {
    sum_.label.level += level;
    if (++unreduced_ == unreduced_max) {
      in_->reduce(sum_.words);
      unreduced_ = 1;
    }
  }

  /// Undoes the addition of a body's first words.
  void take_out(bytes_view body, std::size_t word_count) {
    std::vector<std::uint64_t> part(in_->words());
    for (std::size_t at = 0; at < word_count; at += part.size()) {
      unpack_polynomial(in_->set(), body.data() + packed_bytes(at), part.data());
      for (std::size_t i = 0; i < part.size(); ++i)
        sum_.words[at + i] -= part[i];
    }
  }

  void add_scaled(std::span<const std::uint64_t> words, std::uint32_t weight) {
    std::vector<std::uint64_t> part(in_->words());
    for (std::size_t at = 0; at < words.size(); at += part.size()) {
      std::copy_n(words.data() + at, part.size(), part.data());
      in_->scale(part.data(), weight);
      in_->kernels().add(sum_.words.data() + at, part.data(), part.size());
    }
  }

  std::shared_ptr<const ring> in_;
  encrypted_values sum_; ///< its words grow by less than 2^50 with each addition
  std::uint64_t level_max_;
  std::uint32_t unreduced_ = 0;
};

} // namespace

std::unique_ptr<sum_accumulator> make_accumulator(std::shared_ptr<const ring> in,
                                                  const sum_label& like) {
  return std::make_unique<ring_accumulator>(std::move(in), like);
}

} // namespace godwit::rlwe
