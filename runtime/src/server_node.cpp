// A server with an actor system to itself.
#include <chrono>
#include <utility>

#include <caf/scoped_actor.hpp>

#include <godwit/runtime/actors.hpp>
#include <godwit/runtime/node.hpp>

#include "node_system.hpp"

namespace godwit {

struct server_node::parts {
  node_system system{threads_at_most(2)};
  std::unique_ptr<server_actors> actors;
};

attempt<std::unique_ptr<server_node>> server_node::start(const server_config& config,
                                                         server_options options) {
  auto made = std::make_unique<parts>();
  auto actors = server_actors::spawn(*made->system, config, std::move(options));
  if (!actors)
    return actors.why();
  made->actors = std::move(*actors);
  return std::unique_ptr<server_node>(new server_node(std::move(made)));
}

server_node::server_node(std::unique_ptr<parts> made) : parts_(std::move(made)) {}
server_node::~server_node() = default;

status_reply server_node::status() const {
  status_reply reply;
  caf::scoped_actor self{*parts_->system};
  self->request(parts_->actors->roles().coordinator, std::chrono::seconds(5), status_query{})
      .receive([&](const status_reply& x) { reply = x; }, [](const caf::error&) {});
  return reply;
}

std::uint16_t server_node::port() const noexcept {
  return parts_->actors->port();
}
std::vector<round_record> server_node::rounds() const {
  return parts_->actors->rounds();
}
bool server_node::wait(std::chrono::milliseconds at_most) const {
  return parts_->actors->wait(at_most);
}
std::string server_node::outcome() const {
  return parts_->actors->outcome();
}
const std::filesystem::path& server_node::folder() const noexcept {
  return parts_->actors->folder();
}

} // namespace godwit
