// How does one count modulo a prime: Z / (2^61 - 1), in which secrets are shared?
#pragma once

#include <bit>
#include <cstdint>
#include <optional>

namespace godwit {

/// An element of Z / modulus, always the representative below the modulus. Sums, differences and,
/// where the modulus is 2^61 - 1, products take the same time for all values. Other moduli (at most
/// 2^61) reduce products by division: they are for tests, which forge in a small field what cannot
/// be forged in the large one.
template <std::uint64_t modulus>
class prime_field {
  static_assert(modulus > 2 && modulus < (std::uint64_t{1} << 61));

public:
  static constexpr std::uint64_t prime = modulus;
  static constexpr unsigned bit_count = static_cast<unsigned>(std::bit_width(modulus));

  constexpr prime_field() = default;

  /// `number` mod the modulus, for any number.
  static constexpr prime_field of(std::uint64_t number) noexcept {
    if constexpr (is_mersenne)
      return prime_field(less_once((number & modulus) + (number >> 61)));
    else
      return prime_field(number % modulus);
  }
  /// `number` mod the modulus, for any number: -1 is the modulus less 1.
  static constexpr prime_field of_signed(std::int64_t number) noexcept {
    const auto bits = static_cast<std::uint64_t>(number);
    return number < 0 ? -of(0 - bits) : of(bits);
  }
  /// What a peer wrote: nothing where the number is not below the modulus.
  static constexpr std::optional<prime_field> read(std::uint64_t number) noexcept {
    return number < modulus ? std::optional(prime_field(number)) : std::nullopt;
  }

  /// 0 ..< modulus.
  constexpr std::uint64_t number() const noexcept { return number_; }
  /// The representative of smallest size: -(modulus - 1) / 2 ..= (modulus - 1) / 2.
  constexpr std::int64_t signed_number() const noexcept {
    return number_ > modulus / 2 ? -static_cast<std::int64_t>(modulus - number_)
                                 : static_cast<std::int64_t>(number_);
  }

  friend constexpr prime_field operator+(prime_field a, prime_field b) noexcept {
    return prime_field(less_once(a.number_ + b.number_));
  }
  friend constexpr prime_field operator-(prime_field a, prime_field b) noexcept {
    return prime_field(less_once(a.number_ + (modulus - b.number_)));
  }
  constexpr prime_field operator-() const noexcept { return prime_field() - *this; }
  friend constexpr prime_field operator*(prime_field a, prime_field b) noexcept {
    const wide product = static_cast<wide>(a.number_) * b.number_;
    if constexpr (is_mersenne)
      return prime_field(less_once((static_cast<std::uint64_t>(product) & modulus) +
                                   static_cast<std::uint64_t>(product >> 61)));
    else
      return prime_field(static_cast<std::uint64_t>(product % modulus));
  }
  constexpr prime_field& operator+=(prime_field other) noexcept { return *this = *this + other; }
  constexpr prime_field& operator-=(prime_field other) noexcept { return *this = *this - other; }
  constexpr prime_field& operator*=(prime_field other) noexcept { return *this = *this * other; }
  friend constexpr bool operator==(prime_field, prime_field) = default;

  /// The same multiplications for every base; the exponent is no secret.
  constexpr prime_field to_the(std::uint64_t exponent) const noexcept {
    prime_field result(1), square = *this;
    for (; exponent != 0; exponent >>= 1, square *= square)
      if ((exponent & 1) != 0)
        result *= square;
    return result;
  }
  /// 1 / x; 0 has none and gives 0.
  constexpr prime_field inverse() const noexcept { return to_the(modulus - 2); }

private:
  __extension__ using wide = unsigned __int128;
  static constexpr bool is_mersenne = modulus == (std::uint64_t{1} << 61) - 1;

  constexpr explicit prime_field(std::uint64_t number) noexcept : number_(number) {}

  /// `number` (below 2^63) less the modulus, unless that is negative; without a branch.
  static constexpr std::uint64_t less_once(std::uint64_t number) noexcept {
    const std::uint64_t less = number - modulus;
    const std::uint64_t is_negative = 0 - (less >> 63);
    return less + (modulus & is_negative);
  }

  std::uint64_t number_ = 0;
};

/// The field of Shamir's shares, of message authentication and of fingerprints.
using field_61 = prime_field<(std::uint64_t{1} << 61) - 1>;

} // namespace godwit
