#include <godwit/actors/machines/trustee_roll.hpp>

#include <algorithm>
#include <utility>

namespace godwit {

void trustee_roll::arrive(trustee_here in) {
  if (std::ranges::find(expected_, in.name) == expected_.end())
    return;
  auto name = in.name;
  there_.insert_or_assign(std::move(name), std::move(in));
}

std::vector<trustee_here> trustee_roll::present() const {
  std::vector<trustee_here> out;
  for (const auto& name : expected_)
    if (const auto who = there_.find(name); who != there_.end())
      out.push_back(who->second);
  return out;
}

std::string trustee_roll::complaint() const {
  for (const auto& name : expected_)
    if (!there_.contains(name))
      return "waiting for the trustee " + name;
  return {};
}

} // namespace godwit
