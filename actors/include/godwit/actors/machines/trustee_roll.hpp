// Are all the trustees there whose part a job's sums need? Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <godwit/messages/node.hpp>

namespace godwit {

/// Who is expected, by name and in their order, and who of them is there. Nobody expected: all are.
class trustee_roll {
public:
  trustee_roll() = default;
  explicit trustee_roll(std::vector<std::string> expected) : expected_(std::move(expected)) {}

  /// A name that is not expected is passed over; a known one may have another key than before.
  void arrive(trustee_here);
  void leave(const std::string& name) { there_.erase(name); }

  bool is_complete() const noexcept { return there_.size() == expected_.size(); }
  /// In the order in which they are expected, those who are there.
  std::vector<trustee_here> present() const;
  /// "waiting for the trustee NAME"; empty where all are there.
  std::string complaint() const;

private:
  std::vector<std::string> expected_;
  std::map<std::string, trustee_here> there_;
};

} // namespace godwit
