// How do parties make a key together, and open a sum together?
#include <godwit/privacy/threshold_sum.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <godwit/messages/check.hpp>

#include "rlwe/ciphertext.hpp"
#include "rlwe/modular.hpp"

namespace godwit {

using namespace rlwe;

namespace {

constexpr std::uint16_t parties_min = 2;

const parameter_set& threshold_set() {
  return *find_set(sum_set::rt8192a);
}

/// The head of a key share, or with `kind` public_key of the key of all.
frame key_frame(frame_kind kind, const sha256_digest& public_seed, std::uint16_t parties,
                std::uint16_t party) {
  frame head{.kind = kind, .party = party, .label = {}};
  head.label.set = threshold_set().id;
  head.label.parties = parties;
  head.label.key = public_seed;
  return head;
}

/// A sum that can be opened at all.
sum_result<done> check_sum(const ring& in, const encrypted_values& sum) {
  const auto& set = in.set();
  if (sum.label.set != set.id)
    return sum_refusal::wrong_set;
  if (const auto checked = check_label(set, sum.label); !checked)
    return checked.why();
  if (sum.words.size() != block_count(set, sum.label.value_count) * set.polynomials * in.words())
    return sum_refusal::wrong_shape;
  return done{};
}

/// Uniform in [-2^bits, 2^bits), transformed.
void draw_flood(const ring& in, word_stream& stream, std::uint64_t block, unsigned bits,
                std::uint64_t* out) {
  const std::size_t degree = in.set().degree;
  secret_words words(degree), small(degree);
  stream.start(purpose::flood, 0, block);
  stream.read(words.span());
  for (std::size_t prime = 0; prime < in.set().prime_count; ++prime, out += degree) {
    const transform& t = in.at(prime);
    for (std::size_t i = 0; i < degree; ++i) {
      const std::uint64_t drawn = words.data()[i] >> (63 - bits);
      small.data()[i] = reduce_once(drawn - high_product(drawn, t.whole) * t.q, t.q);
    }
    in.kernels().lift(t, out, nullptr, 0, small.data(), (std::uint64_t{1} << bits) % t.q);
    in.kernels().forward(t, out);
  }
}

/// The words of one share, checked against the sum that is opened.
struct read_share {
  std::uint16_t party = 0;
  std::vector<std::uint64_t> words;
};

sum_result<read_share> read_decryption_share(const ring& in, const sum_label& label,
                                             const sha256_digest& digest, bytes_view content) {
  const auto read = read_frame(content, frame_kind::decryption_share, in.set().id);
  if (!read)
    return read.why();
  if (read->head.label.round != label.round)
    return sum_refusal::wrong_round;
  const auto blocks = block_count(in.set(), label.value_count);
  if (read->head.label != label)
    return sum_refusal::wrong_sum;
  if (read->body.size() != digest.size() + blocks * packed_bytes(in.words()))
    return sum_refusal::malformed;
  if (!std::equal(digest.begin(), digest.end(), read->body.begin()))
    return sum_refusal::wrong_sum;
  auto words = unpack(in, read->body.subspan(digest.size()));
  if (!words)
    return words.why();
  return read_share{.party = read->head.party, .words = std::move(*words)};
}

} // namespace

struct threshold_party::state {
  threshold_seat seat;
  std::shared_ptr<const ring> in;
  sha256_digest public_seed{};
  prepared_polynomial s;
  bytes share;
  std::optional<sha256_digest> key;          ///< of the public key, once it is made
  std::optional<std::uint64_t> closed_round; ///< it and all before it are opened no more
};

threshold_party::threshold_party(std::unique_ptr<state> held) : state_(std::move(held)) {}
threshold_party::threshold_party(threshold_party&&) noexcept = default;
threshold_party& threshold_party::operator=(threshold_party&&) noexcept = default;
threshold_party::~threshold_party() = default;

sum_result<threshold_party> threshold_party::create(const threshold_seat& seat, const secret& seed,
                                                    sum_kernels kernels) {
  const auto& set = threshold_set();
  if (seat.parties < parties_min || seat.parties > set.parties_max || seat.party >= seat.parties)
    return sum_refusal::wrong_shape;
  if (seed.reveal().size() != mask_key_bytes)
    return sum_refusal::bad_key;
  auto made = std::make_unique<state>();
  made->seat = seat;
  made->in = std::make_shared<ring>(set, kernels);
  made->public_seed = public_seed_of(set, seat.context);
  auto parts = draw_key_parts(*made->in, made->public_seed, seed);
  made->s = std::move(parts.s);
  made->share = encode_key(
      key_frame(frame_kind::key_share, made->public_seed, seat.parties, seat.party), parts.b);
  return threshold_party(std::move(made));
}

const bytes& threshold_party::key_share() const noexcept {
  return state_->share;
}

sha256_digest threshold_party::commitment() const {
  return sha256(state_->share);
}

sum_result<bytes> threshold_party::join(std::span<const bytes> shares,
                                        std::span<const sha256_digest> commitments) {
  const auto parties = state_->seat.parties;
  if (shares.size() != parties || commitments.size() != parties)
    return sum_refusal::missing_share;
  if (shares[state_->seat.party] != state_->share)
    return sum_refusal::bad_key;
  const ring& in = *state_->in;
  std::vector<std::uint64_t> sum(in.words());
  for (std::uint16_t party = 0; party < parties; ++party) {
    if (sha256(shares[party]) != commitments[party])
      return sum_refusal::bad_key;
    const auto b = decode_key(
        in, shares[party], key_frame(frame_kind::key_share, state_->public_seed, parties, party));
    if (!b)
      return b.why();
    in.add(sum.data(), b->data());
  }
  auto key = encode_key(key_frame(frame_kind::public_key, state_->public_seed, parties, 0), sum);
  state_->key = digest_of_frame(key);
  return key;
}

sum_result<bytes> threshold_party::open(const encrypted_values& sum, const secret& seed) {
  const ring& in = *state_->in;
  if (!state_->key || seed.reveal().size() != mask_key_bytes)
    return sum_refusal::bad_key;
  if (const auto checked = check_sum(in, sum); !checked)
    return checked.why();
  if (sum.label.key != *state_->key)
    return sum_refusal::wrong_key;
  if (sum.label.parties != state_->seat.parties)
    return sum_refusal::wrong_shape;
  if (state_->closed_round && sum.label.round <= *state_->closed_round)
    return sum_refusal::used_up;
  close_up_to(sum.label.round);
  const auto digest = digest_of_frame(encode_ciphertext(sum));
  const std::uint16_t party = state_->seat.party;
  const std::array<std::byte, 2> party_bytes{static_cast<std::byte>(party),
                                             static_cast<std::byte>(party >> 8)};
  const auto key = derive_secret("godwit/rlwe/share", {seed.reveal(), digest, party_bytes});
  word_stream stream(key.reveal());
  const auto bits = flood_bits(in.set(), sum.label.level, sum.label.parties);
  GODWIT_CHECK(bits.has_value(), "a level that was checked has no width of floods");
  const auto blocks = block_count(in.set(), sum.label.value_count);
  auto content =
      open_frame({.kind = frame_kind::decryption_share, .party = party, .label = sum.label},
                 digest.size() + blocks * packed_bytes(in.words()));
  auto* to = std::copy(digest.begin(), digest.end(), content.data() + frame_head_bytes);
  std::vector<std::uint64_t> part(in.words());
  for (std::uint64_t block = 0; block < blocks; ++block) {
    draw_flood(in, stream, block, *bits, part.data());
    in.multiply_add(part.data(), sum.words.data() + (2 * block + 1) * in.words(), state_->s);
    pack(part, to + block * packed_bytes(in.words()));
  }
  seal_frame(content);
  return content;
}

void threshold_party::close_up_to(std::uint64_t round) noexcept {
  state_->closed_round = std::max(round, state_->closed_round.value_or(0));
}

sum_result<std::vector<std::uint32_t>> open_threshold_sum(const encrypted_values& sum,
                                                          std::span<const bytes> shares,
                                                          sum_kernels kernels) {
  const ring in(threshold_set(), kernels);
  if (const auto checked = check_sum(in, sum); !checked)
    return checked.why();
  if (shares.size() != sum.label.parties)
    return sum_refusal::missing_share;
  const auto digest = digest_of_frame(encode_ciphertext(sum));
  const auto blocks = block_count(in.set(), sum.label.value_count);
  std::vector<std::uint64_t> opened(blocks * in.words());
  for (std::uint64_t block = 0; block < blocks; ++block)
    std::copy_n(sum.words.data() + 2 * block * in.words(), in.words(),
                opened.data() + block * in.words());
  std::vector<bool> is_there(sum.label.parties);
  for (const auto& content : shares) {
    const auto share = read_decryption_share(in, sum.label, digest, content);
    if (!share)
      return share.why();
    if (share->party >= is_there.size() || is_there[share->party])
      return sum_refusal::missing_share;
    is_there[share->party] = true;
    for (std::uint64_t block = 0; block < blocks; ++block)
      in.add(opened.data() + block * in.words(), share->words.data() + block * in.words());
  }
  slot_reader slots(in, sum.label);
  for (std::uint64_t block = 0; block < blocks; ++block)
    if (const auto read = slots.read(opened.data() + block * in.words()); !read)
      return read.why();
  return std::move(slots).take();
}

} // namespace godwit
