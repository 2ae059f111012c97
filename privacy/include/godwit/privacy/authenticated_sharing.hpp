// How do a few parties compute with numbers that none of them sees, so that no other result is
// believed? (Beaver 1991; Damgard, Pastro, Smart and Zakarias, "Multiparty Computation from
// Somewhat Homomorphic Encryption", CRYPTO 2012, with the MAC check of Damgard et al., ESORICS
// 2013.)
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/check.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/privacy/canonical.hpp>
#include <godwit/privacy/element_source.hpp>
#include <godwit/privacy/prime_field.hpp>

namespace godwit::authenticated {

/// Why a computation ended without a result.
enum class fault : std::uint8_t {
  lost = 1,             ///< a party is gone
  malformed = 2,        ///< a message that no party writes at this point
  diverged = 3,         ///< not all parties have seen the same messages
  wrong_commitment = 4, ///< a party opened something else than it had committed itself to
  wrong_mac = 5,        ///< something was opened that is not what was shared
  wrong_triple = 6,     ///< triples of a client that are none
  used_up = 7,          ///< the dealer dealt too little
};

template <class T>
using outcome = value_or<T, fault>;

/// How many independent keys authenticate a value. A forgery succeeds with probability at most
/// (2 / p)^keys: 2^-120 with two of 2^61 - 1.
inline constexpr std::size_t keys_default = 2;

/// One party's part of a number x: parts that add up to x, and to key x for each key.
template <class Field, std::size_t keys = keys_default>
struct share {
  Field value;
  std::array<Field, keys> macs{};

  friend share operator+(share a, const share& b) {
    a.value += b.value;
    for (std::size_t k = 0; k < keys; ++k)
      a.macs[k] += b.macs[k];
    return a;
  }
  friend share operator-(share a, const share& b) { return a + b * -Field(1); }
  /// By a number that all know.
  friend share operator*(share a, Field factor) {
    a.value *= factor;
    for (auto& mac : a.macs)
      mac *= factor;
    return a;
  }
};

/// A party's parts of the keys; nobody has a whole one.
template <class Field, std::size_t keys = keys_default>
struct party_key {
  unsigned party = 0; ///< 0 ..< party_count
  unsigned party_count = 0;
  std::array<Field, keys> parts{};

  ~party_key() { wipe(std::as_writable_bytes(std::span(parts))); }

  /// This party's part of a number that all know.
  share<Field, keys> of_public(Field number) const {
    share<Field, keys> out;
    out.value = party == 0 ? number : Field();
    for (std::size_t k = 0; k < keys; ++k)
      out.macs[k] = parts[k] * number;
    return out;
  }
};

/// a b = c, for one multiplication.
template <class Field, std::size_t keys = keys_default>
struct triple {
  share<Field, keys> a, b, c;
};

/// A number that is uniform below the modulus, and its bits, lowest first: for one comparison.
template <class Field, std::size_t keys = keys_default>
struct masked_bits {
  share<Field, keys> number;
  std::vector<share<Field, keys>> bits; ///< [Field::bit_count]
};

/// What a party has from the dealer, used from the back. All parties use theirs in the same order.
template <class Field, std::size_t keys = keys_default>
struct supply {
  std::vector<triple<Field, keys>> triples;
  std::vector<masked_bits<Field, keys>> numbers;
};

/// How a party speaks with all others at once, over links that show who speaks.
class meeting {
public:
  virtual ~meeting() = default;
  /// Says `own` to all others and waits for what they say: of all parties in their order, this one
  /// included. Nothing where one is gone, or says nothing for too long.
  virtual std::optional<std::vector<bytes>> exchange(bytes own) = 0;
};

/// What was opened, and this party's parts of its authentication.
template <class Field, std::size_t keys>
struct opened_value {
  Field value;
  std::array<Field, keys> macs{};
};

/// This party's part of sum r_j (mac_j - key x_j) for one key: over all parties it is 0 where all
/// x_j are what was shared. r_0 is 1, each other one is the next coefficient.
template <class Field, std::size_t keys>
Field mac_remainder(const party_key<Field, keys>& key, std::size_t which,
                    std::span<const opened_value<Field, keys>> opened,
                    element_source<Field>& coefficients) {
  Field sum;
  for (std::size_t j = 0; j < opened.size(); ++j) {
    const Field r = j == 0 ? Field(1) : coefficients.next();
    sum += r * (opened[j].macs[which] - key.parts[which] * opened[j].value);
  }
  return sum;
}

/// One party of a computation. All parties run the same program; each call is one or more
/// exchanges. Of two or three, all but one may cheat, and what is opened is right or nobody
/// believes it; but any one can end the computation. After a fault every call gives that fault.
///
/// Every message starts with the hash of all messages before it, so that nobody is told something
/// else than another.
template <class Field, std::size_t keys = keys_default>
class party {
public:
  using part = share<Field, keys>;

  /// `entropy` are 32 fresh random bytes. Keeps references to `dealt` and `others`.
  party(party_key<Field, keys> key, supply<Field, keys>& dealt, meeting& others,
        const secret& entropy)
      : key_(key), dealt_(dealt), others_(others), random_(entropy.reveal()) {}

  const party_key<Field, keys>& key() const noexcept { return key_; }

  /// A client's inputs: what it says to all, input less mask, and this party's parts of the masks.
  /// No message; if the parties were told different things, the next one finds it.
  std::vector<part> take(std::span<const Field> differences, std::span<const part> masks) {
    GODWIT_CHECK(differences.size() == masks.size(), "an input without its mask");
    canonical::writer seen;
    std::vector<part> out;
    for (std::size_t i = 0; i < masks.size(); ++i) {
      seen.u64(differences[i].value());
      out.push_back(masks[i] + key_.of_public(differences[i]));
    }
    absorb("FLAS1/input", seen.view());
    return out;
  }

  /// Opens results: what was revealed before is checked first, then they are.
  outcome<std::vector<Field>> open(std::span<const part> parts) {
    if (const auto good = verify(); !good)
      return good.why();
    auto values = reveal(parts);
    if (!values)
      return values;
    if (const auto good = verify(); !good)
      return good.why();
    return values;
  }

  /// x_i y_i for each i; takes a triple each.
  outcome<std::vector<part>> multiply(std::span<const part> xs, std::span<const part> ys) {
    GODWIT_CHECK(xs.size() == ys.size(), "factors without partners");
    if (dealt_.triples.size() < xs.size())
      return fail(fault::used_up);
    const auto triples = std::span(dealt_.triples).last(xs.size());
    std::vector<part> masked;
    for (std::size_t i = 0; i < xs.size(); ++i) {
      masked.push_back(xs[i] - triples[i].a);
      masked.push_back(ys[i] - triples[i].b);
    }
    const auto differences = reveal(masked);
    if (!differences)
      return differences.why();
    std::vector<part> out;
    for (std::size_t i = 0; i < xs.size(); ++i) {
      const Field d = (*differences)[2 * i], e = (*differences)[2 * i + 1];
      out.push_back(triples[i].c + triples[i].b * d + triples[i].a * e + key_.of_public(d * e));
    }
    dealt_.triples.resize(dealt_.triples.size() - xs.size());
    return out;
  }

  /// sum x_i y_i.
  outcome<part> inner_product(std::span<const part> xs, std::span<const part> ys) {
    const auto products = multiply(xs, ys);
    if (!products)
      return products.why();
    part sum;
    for (const auto& one : *products)
      sum = sum + one;
    return sum;
  }

  outcome<part> square_norm(std::span<const part> xs) { return inner_product(xs, xs); }

  /// So many of the dealer's numbers, for comparisons. No message.
  outcome<std::vector<masked_bits<Field, keys>>> take_numbers(std::size_t count) {
    if (dealt_.numbers.size() < count)
      return fail(fault::used_up);
    const auto first = dealt_.numbers.end() - static_cast<std::ptrdiff_t>(count);
    std::vector<masked_bits<Field, keys>> out(first, dealt_.numbers.end());
    dealt_.numbers.erase(first, dealt_.numbers.end());
    return out;
  }

  /// Numbers that no party could choose: each commits itself to its own before it sees another's.
  outcome<element_source<Field>> toss() {
    const auto own = random_.next_bytes();
    const auto seen = commit_and_open("FLAS1/coin", own);
    if (!seen)
      return seen.why();
    return element_source<Field>(canonical::hash("FLAS1/coins", transcript_));
  }

  /// Takes triples of a client: `kept` are checked at the cost of as many `spent` ones, and then
  /// are part of the supply. One wrong one is found but with probability 2 / p.
  outcome<done> sacrifice(std::span<const triple<Field, keys>> kept,
                          std::span<const triple<Field, keys>> spent) {
    GODWIT_CHECK(kept.size() == spent.size(), "a triple without one that is spent for it");
    auto coins = toss();
    if (!coins)
      return coins.why();
    const Field t = coins->next();
    std::vector<part> masked;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      masked.push_back(kept[i].a * t - spent[i].a);
      masked.push_back(kept[i].b - spent[i].b);
    }
    const auto differences = reveal(masked);
    if (!differences)
      return differences.why();
    part sum;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      const Field rho = (*differences)[2 * i], sigma = (*differences)[2 * i + 1];
      const auto remainder = kept[i].c * t - spent[i].c - spent[i].a * sigma - spent[i].b * rho -
                             key_.of_public(sigma * rho);
      sum = sum + remainder * coins->next();
    }
    const auto zero = open(std::span(&sum, 1));
    if (!zero)
      return zero.why();
    if (zero->front() != Field())
      return fail(fault::wrong_triple);
    dealt_.triples.insert(dealt_.triples.end(), kept.begin(), kept.end());
    return done{};
  }

  /// Opens what is masked anyway. It is checked by the next `verify` or `open`; until then it may
  /// be anything.
  outcome<std::vector<Field>> reveal(std::span<const part> parts) {
    canonical::writer own;
    for (const auto& one : parts)
      own.u64(one.value.value());
    const auto seen = round(own.take());
    if (!seen)
      return seen.why();
    std::vector<Field> values(parts.size());
    for (const auto& content : *seen) {
      canonical::reader in(content);
      for (auto& value : values) {
        const auto theirs = Field::read(in.u64());
        if (!theirs)
          return fail(fault::malformed);
        value += *theirs;
      }
      if (!in.is_whole())
        return fail(fault::malformed);
    }
    for (std::size_t i = 0; i < parts.size(); ++i)
      revealed_.push_back({values[i], parts[i].macs});
    return values;
  }

  /// Checks all that was revealed, at once: the sum over all parties of each one's mac_remainder is
  /// 0 for every key.
  outcome<done> verify() {
    if (revealed_.empty())
      return fault_ ? outcome<done>(*fault_) : outcome<done>(done{});
    auto coins = toss();
    if (!coins)
      return coins.why();
    canonical::writer own;
    for (std::size_t k = 0; k < keys; ++k)
      own.u64(mac_remainder<Field, keys>(key_, k, revealed_, *coins).value());
    own.raw(random_.next_bytes()); // so that nobody can guess what is committed to
    const auto seen = commit_and_open("FLAS1/remainder", own.view());
    if (!seen)
      return seen.why();
    std::array<Field, keys> sums{};
    for (const auto& content : *seen) {
      canonical::reader in(content);
      for (auto& sum : sums) {
        const auto theirs = Field::read(in.u64());
        if (!theirs)
          return fail(fault::malformed);
        sum += *theirs;
      }
    }
    if (sums != std::array<Field, keys>{})
      return fail(fault::wrong_mac);
    revealed_.clear();
    return done{};
  }

private:
  fault fail(fault why) {
    if (!fault_)
      fault_ = why;
    return *fault_;
  }

  void absorb(std::string_view what, bytes_view content) {
    canonical::writer all;
    all.raw(transcript_).raw(content);
    transcript_ = canonical::hash(what, all.view());
  }

  /// One exchange: what all parties said.
  outcome<std::vector<bytes>> round(bytes own) {
    if (fault_)
      return *fault_;
    canonical::writer said;
    said.raw(transcript_).raw(own);
    auto heard = others_.exchange(said.take());
    if (!heard || heard->size() != key_.party_count)
      return fail(fault::lost);
    canonical::writer seen;
    for (auto& content : *heard) {
      if (content.size() < transcript_.size())
        return fail(fault::malformed);
      if (!std::equal(transcript_.begin(), transcript_.end(), content.begin()))
        return fail(fault::diverged);
      content.erase(content.begin(), content.begin() + transcript_.size());
      seen.with_length(content);
    }
    absorb("FLAS1/round", seen.view());
    return std::move(*heard);
  }

  /// Two exchanges: each party says something that it could not choose by what the others say.
  outcome<std::vector<bytes>> commit_and_open(std::string_view what, bytes_view own) {
    const auto commitment_of = [&](unsigned from, bytes_view content) {
      canonical::writer all;
      all.u32(from).raw(content);
      return canonical::hash(what, all.view());
    };
    const auto commitment = commitment_of(key_.party, own);
    const auto commitments = round({commitment.begin(), commitment.end()});
    if (!commitments)
      return commitments.why();
    auto opened = round({own.begin(), own.end()});
    if (!opened)
      return opened;
    for (unsigned from = 0; from < key_.party_count; ++from)
      if ((*opened)[from].size() != own.size())
        return fail(fault::malformed);
      else if (!std::ranges::equal(commitment_of(from, (*opened)[from]), (*commitments)[from]))
        return fail(fault::wrong_commitment);
    return opened;
  }

  party_key<Field, keys> key_;
  supply<Field, keys>& dealt_;
  meeting& others_;
  element_source<Field> random_;
  sha256_digest transcript_{};
  std::vector<opened_value<Field, keys>> revealed_;
  std::optional<fault> fault_;
};

} // namespace godwit::authenticated
