// Feeds an input to the current phase and moves to the next one.
#include <type_traits>
#include <utility>

#include <godwit/actors/machines/round.hpp>

namespace godwit::round {

result<std::vector<effect>> machine::apply(const input& in, instant now) {
  auto out =
      std::visit([&](auto& here, const auto& x) { return on(plan_, here, x, now); }, phase_, in);
  if (!out)
    return out.why();
  if (out->next)
    phase_ = std::move(*out->next);
  return std::move(out->effects);
}

const gathering* machine::open_round() const noexcept {
  return std::visit(
      [](const auto& here) -> const gathering* {
        if constexpr (std::is_base_of_v<gathering, std::remove_cvref_t<decltype(here)>>)
          return &here;
        else
          return nullptr;
      },
      phase_);
}

std::string_view name(const phase& now) noexcept {
  constexpr std::string_view names[] = {"idle",      "recruiting", "collecting",
                                        "unmasking", "releasing",  "evaluating"};
  static_assert(std::size(names) == std::variant_size_v<phase>);
  return names[now.index()];
}

} // namespace godwit::round
