// How is counted in the field of integers mod 2^61 - 1, in time that does not depend on the values?
#pragma once

#include <bit>
#include <cstdint>
#include <optional>

namespace godwit {

/// An integer mod `prime`, always the representative below it. Where the prime is 2^61 - 1, a
/// Mersenne prime, 2^61 = 1, so a product is reduced by adding its upper bits to its lower ones,
/// and no function branches or indexes by a value. Other primes (below 2^61) reduce by division:
/// they are for tests, which forge in a small field what nobody forges in the large one.
template <std::uint64_t prime>
class prime_field {
  static_assert(prime > 2 && prime < (std::uint64_t{1} << 61));

public:
  static constexpr std::uint64_t modulus = prime;
  static constexpr unsigned bit_count = static_cast<unsigned>(std::bit_width(prime));

  constexpr prime_field() = default;
  /// `any` mod p.
  explicit constexpr prime_field(std::uint64_t any) noexcept {
    if constexpr (is_mersenne)
      value_ = once_less((any & prime) + (any >> 61));
    else
      value_ = any % prime;
  }
  /// `any` mod p; what is negative lies in the upper half.
  static constexpr prime_field of_signed(std::int64_t any) noexcept {
    const auto bits = static_cast<std::uint64_t>(any);
    const auto negative = std::uint64_t{0} - (bits >> 63);
    const prime_field size((bits ^ negative) - negative);
    const prime_field opposite = -size;
    return raw((size.value_ & ~negative) | (opposite.value_ & negative));
  }

  /// The element that `canonical` writes; nothing where it is not below p.
  static constexpr std::optional<prime_field> read(std::uint64_t canonical) noexcept {
    if (canonical >= prime)
      return {};
    return prime_field(canonical);
  }

  /// 0 ..< p.
  constexpr std::uint64_t value() const noexcept { return value_; }
  /// The representative of smallest size, -(p - 1) / 2 ..= (p - 1) / 2. Not for secrets.
  constexpr std::int64_t signed_value() const noexcept {
    return value_ > prime / 2 ? -static_cast<std::int64_t>(prime - value_)
                              : static_cast<std::int64_t>(value_);
  }

  friend constexpr prime_field operator+(prime_field a, prime_field b) noexcept {
    return raw(once_less(a.value_ + b.value_));
  }
  friend constexpr prime_field operator-(prime_field a, prime_field b) noexcept {
    return raw(once_less(a.value_ + (prime - b.value_)));
  }
  friend constexpr prime_field operator*(prime_field a, prime_field b) noexcept {
    const wide product = static_cast<wide>(a.value_) * b.value_; // below 2^122
    if constexpr (!is_mersenne)
      return raw(static_cast<std::uint64_t>(product % prime));
    const auto low = static_cast<std::uint64_t>(product) & prime;
    const auto high = static_cast<std::uint64_t>(product >> 61);
    return raw(once_less(low + high));
  }
  constexpr prime_field operator-() const noexcept { return prime_field() - *this; }
  constexpr prime_field& operator+=(prime_field other) noexcept { return *this = *this + other; }
  constexpr prime_field& operator-=(prime_field other) noexcept { return *this = *this - other; }
  constexpr prime_field& operator*=(prime_field other) noexcept { return *this = *this * other; }
  /// Not for secrets.
  friend constexpr bool operator==(prime_field, prime_field) noexcept = default;

  /// The element that gives 1 with this one; 0 for 0. By Fermat: this^(p - 2).
  constexpr prime_field inverse() const noexcept {
    prime_field result = raw(1);
    prime_field square = *this;
    for (auto exponent = prime - 2; exponent != 0; exponent >>= 1) { // the exponent is no secret
      if (exponent & 1)
        result = result * square;
      square = square * square;
    }
    return result;
  }

private:
  __extension__ using wide = unsigned __int128;
  static constexpr bool is_mersenne = prime == (std::uint64_t{1} << 61) - 1;

  static constexpr prime_field raw(std::uint64_t reduced) noexcept {
    prime_field made;
    made.value_ = reduced;
    return made;
  }
  /// value - p where that is not negative; value is below 2 p + 1.
  static constexpr std::uint64_t once_less(std::uint64_t value) noexcept {
    const auto less = value - prime;
    const auto negative = std::uint64_t{0} - (less >> 63);
    return less + (prime & negative);
  }

  std::uint64_t value_ = 0;
};

/// The field of Shamir's shares, of message authentication and of fingerprints.
using field_element = prime_field<(std::uint64_t{1} << 61) - 1>;

} // namespace godwit
