// Who is enrolled, under which certificate, and who is there now. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <godwit/messages/checkpoint.hpp>
#include <godwit/messages/enrolment.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>

namespace godwit::membership {

/// What the job expects of an edge.
struct plan {
  std::string model;
  std::uint64_t parameter_count = 0;
};

/// An edge that is there or was there.
struct entry {
  sha256_digest fingerprint{}; ///< of the certificate that the name is bound to
  bool is_present = false;
  bool is_eligible = true;
  std::string ineligible_because;
  std::string power_mode;
  std::uint64_t example_count = 0; ///< self-reported, clipped to limits::example_count_max
  bool is_spent = false;           ///< its part of the privacy budget is
};

/// A client that may be selected.
struct candidate {
  client_id client;
  std::uint64_t example_count = 0;
};

class machine {
public:
  machine() = default;
  machine(plan rules, const std::vector<member>& known);

  /// Enrols the holder of a certificate. Refuses another protocol number, a name that is not the
  /// certificate's or is bound to another certificate, and a trainer for another model. A second
  /// connection of the same edge takes the place of the first.
  result<done> enrol(const hello&, const std::string& certificate_name,
                     const sha256_digest& fingerprint);

  /// The connection is gone; the name stays bound. Whether the client was there.
  bool lose(const client_id&);
  bool is_present(const client_id&) const;

  /// Whether it may be asked to work. Refuses a client that is not there.
  result<done> update(const client_id&, const edge_status&);

  /// Its part of the privacy budget is spent: from now on it is no candidate. A name that never
  /// enrolled is remembered, too.
  void spend(const client_id&);
  /// How many are there and could work, but are spent.
  std::size_t spent_count() const noexcept { return spent_count_; }
  /// How many have enrolled, ever, and are not spent.
  std::size_t left_count() const noexcept { return entries_.size() - known_spent_count_; }

  /// Those who are there and may work, by name.
  std::vector<candidate> candidates() const;
  /// How many they are.
  std::size_t candidate_count() const noexcept { return candidate_count_; }

  std::size_t present_count() const noexcept { return present_count_; }
  const std::map<client_id, entry>& entries() const noexcept { return entries_; }
  /// What a checkpoint keeps.
  std::vector<member> members() const;

private:
  static bool is_able(const entry& x) noexcept { return x.is_present && x.is_eligible; }
  static bool is_candidate(const entry& x) noexcept { return is_able(x) && !x.is_spent; }
  /// Makes an entry another one, and keeps the counts.
  void change(entry& from, entry to);

  plan plan_;
  std::map<client_id, entry> entries_;
  std::size_t present_count_ = 0;
  std::size_t candidate_count_ = 0;
  std::size_t spent_count_ = 0;
  std::size_t known_spent_count_ = 0; ///< of the entries, there or not
  std::set<client_id> spent_;
};

} // namespace godwit::membership
