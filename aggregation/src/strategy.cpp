// From a strategy's name to the strategy.
#include <godwit/aggregation/strategy.hpp>

#include <array>
#include <string>

#include <godwit/aggregation/fed_avg.hpp>

namespace godwit {

namespace {

constexpr std::array<std::string_view, 1> names{"fed_avg"};

} // namespace

std::span<const std::string_view> strategy_names() noexcept {
  return names;
}

attempt<std::unique_ptr<server_step>> make_strategy(std::string_view name) {
  if (name == "fed_avg")
    return std::unique_ptr<server_step>(std::make_unique<fed_avg>());
  std::string known;
  for (const std::string_view one : names)
    known.append(known.empty() ? "" : ", ").append(one);
  return failure{.code = failure_code::unsupported,
                 .retry = false,
                 .detail =
                     "there is no strategy \"" + std::string(name) + "\"; choose one of: " + known};
}

} // namespace godwit
