// Parties of an authenticated computation, each in a thread of its own, and somebody who changes
// what they say.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <godwit/privacy/authenticated_dealer.hpp>
#include <godwit/privacy/authenticated_sharing.hpp>

namespace godwit::authenticated {

/// A message of an exchange, on its way to one party: may be changed. The prefix of 32 bytes is the
/// hash of what was said before.
struct said {
  std::size_t exchange = 0; ///< 0 for the first
  unsigned from = 0, to = 0;
  bytes& content;
};
using meddling = std::function<void(const said&)>;

/// The table at which parties meet. Who leaves ends the next exchange for the others.
class table {
public:
  table(unsigned party_count, meddling change)
      : party_count_(party_count), change_(std::move(change)), own_(party_count) {}

  std::optional<std::vector<bytes>> exchange(unsigned party, bytes own) {
    std::unique_lock lock(lock_);
    own_[party] = std::move(own);
    const auto here = exchange_;
    if (++waiting_ == party_count_)
      complete();
    else
      all_here_.wait(lock, [&] { return exchange_ != here || is_left_; });
    if (exchange_ == here)
      return {};
    auto heard = done_[here % 2];
    if (change_)
      for (unsigned from = 0; from < party_count_; ++from)
        change_({here, from, party, heard[from]});
    return heard;
  }
  void leave() {
    const std::lock_guard lock(lock_);
    is_left_ = true;
    all_here_.notify_all();
  }
  std::size_t exchange_count() const { return exchange_; }
  /// The lengths of the messages of each exchange.
  const std::vector<std::size_t>& lengths() const { return lengths_; }

private:
  void complete() {
    lengths_.push_back(own_[0].size());
    done_[exchange_ % 2] = own_;
    ++exchange_;
    waiting_ = 0;
    all_here_.notify_all();
  }

  unsigned party_count_;
  meddling change_;
  std::mutex lock_;
  std::condition_variable all_here_;
  std::vector<bytes> own_;
  std::array<std::vector<bytes>, 2> done_; ///< nobody is more than one exchange behind
  std::vector<std::size_t> lengths_;
  std::size_t exchange_ = 0;
  unsigned waiting_ = 0;
  bool is_left_ = false;
};

class seat : public meeting {
public:
  seat(table& at, unsigned party) : at_(at), party_(party) {}
  ~seat() override { at_.leave(); }
  std::optional<std::vector<bytes>> exchange(bytes own) override {
    return at_.exchange(party_, std::move(own));
  }

private:
  table& at_;
  unsigned party_;
};

inline secret seed_of(unsigned number) {
  bytes content(32, std::byte{0xA5});
  content[0] = static_cast<std::byte>(number);
  content[1] = static_cast<std::byte>(number >> 8);
  return secret(std::move(content));
}

/// Runs program(party, index) once for each party, and gives what each came to. `entropy` gives a
/// party's random seed.
template <class Field, std::size_t keys, class Program>
auto run_parties(
    const dealer<Field, keys>& from, std::vector<supply<Field, keys>>& dealt, Program program,
    table& at, const std::function<secret(unsigned)>& entropy = [](unsigned party) {
      return seed_of(1000 + party);
    }) {
  using party_type = party<Field, keys>;
  using result_type = decltype(program(std::declval<party_type&>(), 0U));
  const auto count = static_cast<unsigned>(dealt.size());
  std::vector<std::optional<result_type>> out(count);
  std::vector<std::jthread> threads;
  for (unsigned index = 0; index < count; ++index)
    threads.emplace_back([&, index] {
      seat own(at, index);
      party_type one(from.key_parts()[index], dealt[index], own, entropy(index));
      out[index] = program(one, index);
    });
  threads.clear();
  return out;
}

/// All parties' parts of numbers, from the dealer: [party][number].
template <class Field, std::size_t keys>
std::vector<std::vector<share<Field, keys>>> share_all(dealer<Field, keys>& from,
                                                       const std::vector<std::int64_t>& numbers) {
  std::vector<std::vector<share<Field, keys>>> out(from.key_parts().size());
  for (const auto number : numbers) {
    const auto parts = from.share_out(Field::of_signed(number));
    for (std::size_t party = 0; party < out.size(); ++party)
      out[party].push_back(parts[party]);
  }
  return out;
}

} // namespace godwit::authenticated
