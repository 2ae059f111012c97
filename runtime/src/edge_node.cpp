// An edge with an actor system to itself.
#include <utility>

#include <godwit/runtime/actors.hpp>
#include <godwit/runtime/node.hpp>

#include "node_system.hpp"

namespace godwit {

struct edge_node::parts {
  node_system system{1};
  std::unique_ptr<edge_actors> actors;
};

attempt<std::unique_ptr<edge_node>> edge_node::start(const edge_config& config,
                                                     edge_options options) {
  auto made = std::make_unique<parts>();
  options.disk_has_thread = false;
  auto actors = edge_actors::spawn(*made->system, config, std::move(options));
  if (!actors)
    return actors.why();
  made->actors = std::move(*actors);
  return std::unique_ptr<edge_node>(new edge_node(std::move(made)));
}

edge_node::edge_node(std::unique_ptr<parts> made) : parts_(std::move(made)) {}
edge_node::~edge_node() = default;

} // namespace godwit
