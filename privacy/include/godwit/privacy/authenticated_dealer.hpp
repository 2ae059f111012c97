// Where do keys, triples and masks of authenticated shares come from? From a dealer that sees no
// input: somebody whom the parties trust not to put its heads together with one of them.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include <godwit/messages/check.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/privacy/authenticated_sharing.hpp>
#include <godwit/privacy/element_source.hpp>

namespace godwit::authenticated {

/// Masks for a client's inputs: the client gets the numbers, each party its parts of them.
template <class Field, std::size_t keys = keys_default>
struct input_masks {
  std::vector<Field> numbers;                         ///< [count], for the client alone
  std::vector<std::vector<share<Field, keys>>> parts; ///< [party_count][count]
};

/// Everything comes from a seed of 32 fresh random bytes: whoever has it can forge and read all.
template <class Field, std::size_t keys = keys_default>
class dealer {
public:
  dealer(const secret& seed, unsigned party_count)
      : random_(seed.reveal()), party_count_(party_count) {
    GODWIT_CHECK(party_count >= 2, "there is nobody to share with");
    for (unsigned party = 0; party < party_count; ++party) {
      party_key<Field, keys> key{.party = party, .party_count = party_count, .parts = {}};
      for (std::size_t k = 0; k < keys; ++k) {
        key.parts[k] = random_.next();
        whole_[k] += key.parts[k];
      }
      keys_.push_back(key);
    }
  }

  dealer(const dealer&) = delete;
  dealer& operator=(const dealer&) = delete;
  ~dealer() { wipe(std::as_writable_bytes(std::span(whole_))); }

  const std::vector<party_key<Field, keys>>& key_parts() const noexcept { return keys_; }

  /// All parties' parts of a number.
  std::vector<share<Field, keys>> share_out(Field number) {
    std::vector<share<Field, keys>> out(party_count_);
    split(number, [&out](unsigned party) -> Field& { return out[party].value; });
    for (std::size_t k = 0; k < keys; ++k)
      split(number * whole_[k], [&out, k](unsigned party) -> Field& { return out[party].macs[k]; });
    return out;
  }

  /// So many triples and numbers with their bits, for each party.
  std::vector<supply<Field, keys>> deal(std::size_t triple_count, std::size_t number_count) {
    std::vector<supply<Field, keys>> out(party_count_);
    for (auto& one : out)
      one.triples.reserve(triple_count);
    for (std::size_t i = 0; i < triple_count; ++i) {
      const Field a = random_.next(), b = random_.next();
      const auto as = share_out(a), bs = share_out(b), cs = share_out(a * b);
      for (unsigned party = 0; party < party_count_; ++party)
        out[party].triples.push_back({as[party], bs[party], cs[party]});
    }
    for (std::size_t i = 0; i < number_count; ++i)
      deal_number(out);
    return out;
  }

  /// Masks for so many inputs of one client.
  input_masks<Field, keys> deal_masks(std::size_t count) {
    input_masks<Field, keys> out;
    out.parts.resize(party_count_);
    for (std::size_t i = 0; i < count; ++i) {
      out.numbers.push_back(random_.next());
      const auto parts = share_out(out.numbers.back());
      for (unsigned party = 0; party < party_count_; ++party)
        out.parts[party].push_back(parts[party]);
    }
    return out;
  }

private:
  /// Parts that add up to a number, into the places that `part_of` gives.
  void split(Field number, auto&& part_of) {
    for (unsigned party = 1; party < party_count_; ++party) {
      part_of(party) = random_.next();
      number -= part_of(party);
    }
    part_of(0) = number;
  }

  void deal_number(std::vector<supply<Field, keys>>& out) {
    const Field number = random_.next();
    const auto parts = share_out(number);
    for (unsigned party = 0; party < party_count_; ++party)
      out[party].numbers.push_back({parts[party], {}});
    for (unsigned bit = 0; bit < Field::bit_count; ++bit) {
      const auto bits = share_out(Field((number.value() >> bit) & 1));
      for (unsigned party = 0; party < party_count_; ++party)
        out[party].numbers.back().bits.push_back(bits[party]);
    }
  }

  element_source<Field> random_;
  unsigned party_count_;
  std::array<Field, keys> whole_{};
  std::vector<party_key<Field, keys>> keys_;
};

/// What a client says to all parties: its inputs less its masks.
template <class Field>
std::vector<Field> masked_inputs(std::span<const Field> inputs, std::span<const Field> masks) {
  GODWIT_CHECK(inputs.size() == masks.size(), "an input without its mask");
  std::vector<Field> out;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    out.push_back(inputs[i] - masks[i]);
  return out;
}

/// Inputs of a client, three by three, as triples that are not checked yet.
template <class Field, std::size_t keys>
std::vector<triple<Field, keys>> as_triples(std::span<const share<Field, keys>> inputs) {
  std::vector<triple<Field, keys>> out;
  for (std::size_t i = 0; i + 3 <= inputs.size(); i += 3)
    out.push_back({inputs[i], inputs[i + 1], inputs[i + 2]});
  return out;
}

} // namespace godwit::authenticated
