// How is a secure sum flown with the real machines of all its sides, so that either side's part can
// be measured afterwards?
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <godwit/actors/machines/secure_body.hpp>
#include <godwit/actors/machines/secure_sum_client.hpp>
#include <godwit/actors/machines/secure_sum_server.hpp>
#include <godwit/messages/bytes.hpp>
#include <godwit/messages/refusal.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/privacy/mask_graph.hpp>
#include <godwit/privacy/secure_terms.hpp>

namespace godwit::secure_sum {

/// The value, or an exception that says who refused and why.
template <class T>
T must(result<T> made, const char* who) {
  if (!made)
    throw std::runtime_error(std::string(who).append(": ").append(sentence(made.why())));
  return *std::move(made);
}

struct flight_plan {
  std::uint32_t client_count = 0;
  std::uint32_t dropped_tenths = 0; ///< of the clients drop out after they have shared
  std::uint64_t length = 0;         ///< values of each
  graph_rule rule = choose_graph;
  bool is_carried = false; ///< the values travel encrypted, and keys are masked and summed
  /// Gets each survivor's body, and none is kept.
  std::function<void(bytes_view)> take_body = {};
};

/// What the values are masked with when they are not carried: R = 26.
terms masked_rules(const flight_plan& plan);
/// The terms of the plan's sum.
terms rules_of(const flight_plan& plan);

/// Bytes of the largest message of each kind.
struct message_sizes {
  std::size_t advert = 0, roster = 0, sealed_shares = 0, delivered_shares = 0, request = 0,
              answer = 0;
};

/// One whole sum, flown by the constructor; what was said is kept. Throws std::runtime_error where
/// a machine refuses.
class flight {
public:
  explicit flight(flight_plan plan);

  const terms& rules() const noexcept { return rules_; }
  const flight_plan& plan() const noexcept { return plan_; }
  std::uint32_t client_count() const noexcept { return plan_.client_count; }
  std::uint32_t degree() const noexcept { return degree_; }
  const message_sizes& largest() const noexcept { return largest_; }

  /// A server that has heard nothing yet, and what it hears, in order.
  server::machine new_server() const;
  const std::vector<server::input>& inputs() const noexcept { return inputs_; }
  /// The survivors' packed bodies, but where the plan's `take_body` got them.
  const std::vector<bytes>& bodies() const noexcept { return bodies_; }
  std::size_t survivor_count() const noexcept { return survivor_count_; }
  /// The plain sum of the survivors' entries.
  const std::vector<std::uint32_t>& plain_sum() const noexcept { return plain_sum_; }

  /// What client 0 hears: the roster, the others' shares, its body's digest, the unmask request.
  const std::vector<client::input>& heard_by_first() const noexcept { return heard_by_first_; }
  client::opening opening_of(std::uint32_t number) const;
  /// What a client has to say; points into this.
  client_values values_of(std::uint32_t number) const;
  /// The same as entries, rounded with its machine's stream.
  void quantise_for(std::uint32_t number, const client::machine& machine,
                    std::span<std::uint32_t> entries) const;

private:
  bool survives(std::uint32_t number) const noexcept {
    return number % 10 < 10 - plan_.dropped_tenths;
  }
  std::vector<client::effect> tell(std::uint32_t number, client::input in);
  void give(server::input in);
  void hear(const server::effect& effect);
  void make_body(std::uint32_t number);

  flight_plan plan_;
  terms rules_;
  bytes encoded_terms_;
  std::vector<client_id> members_;
  std::map<client_id, std::uint32_t> number_of_;
  std::vector<std::shared_ptr<const signing_key>> identities_;
  std::vector<client::machine> clients_;
  std::optional<server::machine> server_;
  std::vector<float> values_; ///< client i has those from i on
  std::vector<bytes> sealed_, answers_;
  std::vector<std::optional<server::body_arrived>> sent_;
  std::uint32_t degree_ = 0;
  message_sizes largest_;
  std::vector<server::input> inputs_;
  std::vector<client::input> heard_by_first_;
  std::vector<bytes> bodies_;
  std::size_t survivor_count_ = 0;
  std::vector<std::uint32_t> plain_sum_;
};

} // namespace godwit::secure_sum
