// godwit inspect: what lies in a node's state folder?
#include <fmt/format.h>

#include "commands.hpp"
#include "inspection/store.hpp"

namespace godwit::cli {

int run(const inspect_command& command) {
  const auto store = describe_store(command.store);
  if (!store)
    return complain(store.why().detail, exit_failed);
  for (const auto& line : store->lines)
    fmt::print("{}\n", line);
  if (store->damage)
    return complain(store->damage->detail, exit_failed);
  return exit_done;
}

} // namespace godwit::cli
