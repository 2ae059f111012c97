// godwit keys: an authority of one's own, and a certificate for each node.
#include <fmt/format.h>

#include "commands.hpp"
#include "edge_name.hpp"
#include "key_files.hpp"

namespace godwit::cli {
namespace {

struct wanted {
  role who;
  std::string name;
};

std::vector<wanted> list_of(const keys_command& command) {
  std::vector<wanted> list;
  if (command.what == "all") {
    list.push_back({role::server, "server"});
    list.push_back({role::person, "admin"});
    for (std::uint32_t i = 0; i < command.edges; ++i)
      list.push_back({role::edge, edge_name(i, command.edges)});
  }
  for (const auto& name : command.names) {
    if (command.what == "server")
      list.push_back({role::server, name});
    else if (command.what == "edge")
      list.push_back({role::edge, name});
    else if (command.what == "person")
      list.push_back({role::person, name});
    else if (command.what == "trustee")
      list.push_back({role::trustee, name});
  }
  return list;
}

void print_made(const key_folder& folder, const std::string& name, bool is_new) {
  fmt::print("{:<8} {}\n", is_new ? "made" : "kept", (folder.path() / (name + ".pem")).string());
}

} // namespace

int run(const keys_command& command) {
  key_folder folder(command.folder, std::chrono::hours(24) * command.days);
  if (command.what == "all" || command.what == "authority") {
    auto made = folder.make_authority();
    if (!made)
      return complain(made.why().detail, exit_failed);
    print_made(folder, "ca", *made);
  }
  for (const auto& [who, name] : list_of(command)) {
    auto made = folder.make(who, name, command.hosts);
    if (!made)
      return complain(made.why().detail, exit_failed);
    print_made(folder, name, *made);
  }
  if (command.what == "all")
    fmt::print(
        "\nEach node needs its own .pem and .key, and ca.pem. Keep ca.key where no node runs.\n");
  return exit_done;
}

} // namespace godwit::cli
