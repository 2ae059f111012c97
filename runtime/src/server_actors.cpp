// A server, put together: the one place that knows all of its parts.
#include <godwit/runtime/actors.hpp>

#include <condition_variable>
#include <mutex>

#include <caf/send.hpp>

#include <godwit/actors/server.hpp>
#include <godwit/runtime/version.hpp>

#include "config/effective.hpp"
#include "end_roles.hpp"
#include "link_adapters.hpp"
#include "recording/run_recorder.hpp"
#include "server_ground.hpp"
#include "server_plan.hpp"
#include "transport/listener.hpp"

namespace godwit {
namespace {

/// Passes the coordinator's news to the recorder, and to whoever waits for the end.
class node_observer final : public run_observer {
public:
  explicit node_observer(std::unique_ptr<run_recorder> recorder) : recorder_(std::move(recorder)) {}

  void round_over(const round_facts& facts) override { recorder_->add(facts); }
  void finished(const std::string& reason, std::span<const float> parameters) override {
    std::string outcome = reason;
    for (const auto& problem : recorder_->finish(parameters))
      outcome += "; " + problem;
    std::scoped_lock lock(mutex_);
    outcome_ = outcome;
    is_done_ = true;
    changed_.notify_all();
  }
  void failed(const failure&) override {}

  bool wait(std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, at_most, [this] { return is_done_; });
  }
  std::string outcome() {
    std::scoped_lock lock(mutex_);
    return outcome_;
  }
  run_recorder& recorder() noexcept { return *recorder_; }

private:
  std::unique_ptr<run_recorder> recorder_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string outcome_;
  bool is_done_ = false;
};

} // namespace

struct server_actors::parts {
  caf::actor_system& system;
  std::shared_ptr<node_observer> observer;
  std::shared_ptr<link_adapter<transport::listener>> links;
  std::shared_ptr<const server_roles> roles;
  std::filesystem::path folder;
  std::unique_ptr<transport::listener> listener;
  std::shared_ptr<state_folder> state; ///< nobody else may use it before the roles have ended

  ~parts() {
    links->attach(nullptr);
    listener.reset();
    end_roles(system, roles->coordinator, roles->scheduler, roles->selector, roles->aggregator,
              roles->evaluator, roles->gateway, roles->keeper);
  }
};

namespace {

/// The run folder, with the rounds that a resumed job has already, and none behind its checkpoint.
attempt<std::unique_ptr<run_recorder>> open_recorder(const server_config& config,
                                                     const server_options& options,
                                                     const groundwork& ground, event_log& log) {
  const auto& state = ground.server.coordinator.state;
  auto folder = run_folder::open(config.out, ground.goes_on, &log);
  if (!folder)
    return folder.why();
  std::vector<round_record> rounds;
  if (ground.goes_on) {
    if (auto cut = folder->truncate_after(state.round.value); !cut)
      return cut.why();
    auto kept = folder->rounds();
    if (!kept)
      return kept.why();
    rounds = std::move(*kept);
  }
  const auto yaml = config::to_yaml(config);
  if (auto written = folder->write_config(yaml); !written)
    return written.why();
  const bool is_private = config.job.privacy.mechanism != "none";
  run_facts facts{.title = config.job.name + ": " + config.job.model + ", " + config.job.strategy,
                  .command = options.command,
                  .version = version,
                  .seed = config.seed,
                  .parameter_count = parameter_count(state.layout),
                  .round_limit = config.job.rounds,
                  .client_count = static_cast<std::uint32_t>(options.client_names.size()),
                  .target_accuracy = config.job.target_accuracy,
                  .epsilon_limit = is_private ? config.job.privacy.epsilon : 0,
                  .delta = is_private ? config.job.privacy.delta : 0,
                  .config_yaml = yaml,
                  .label_counts = options.label_counts,
                  .client_names = options.client_names,
                  .started = {},
                  .presence = {}};
  return std::make_unique<run_recorder>(std::move(*folder), std::move(facts), state.layout, log,
                                        std::move(rounds));
}

transport::listener_events events_for(gateway_actor gateway) {
  return {
      .opened =
          [gateway](transport::link_id link, const transport::peer& peer) {
            caf::anon_send(gateway, opened(link, peer));
          },
      .received =
          [gateway](transport::link_id link, transport::incoming&& frame) {
            caf::anon_send(gateway, framed(link, std::move(frame)));
          },
      .drained =
          [gateway](transport::link_id link) { caf::anon_send(gateway, link_drained{link}); },
      .closed =
          [gateway](transport::link_id link, std::string_view reason) {
            caf::anon_send(gateway, closed(link, reason));
          },
      .rejected =
          [gateway](std::string_view address, std::string_view reason) {
            caf::anon_send(gateway, link_rejected{std::string(address), std::string(reason)});
          },
  };
}

} // namespace

attempt<std::unique_ptr<server_actors>> server_actors::spawn(caf::actor_system& system,
                                                             const server_config& config,
                                                             server_options options) {
  if (!options.log)
    options.log = std::make_shared<silent_log>();
  const auto log = options.log;
  auto ground = lay_ground(config);
  if (!ground)
    return ground.why();
  auto recorder = open_recorder(config, options, *ground, *log);
  if (!recorder)
    return recorder.why();
  auto folder = (*recorder)->folder().path();
  auto observer = std::make_shared<node_observer>(std::move(*recorder));
  ground->server.coordinator.observer = observer;
  ground->server.coordinator.log = log;
  const auto where = ground->where;
  auto links = std::make_shared<link_adapter<transport::listener>>();
  if (ground->torn_bytes > 0)
    log->warn("journal.torn", {{"bytes", ground->torn_bytes}});
  ground->server.links = links;
  auto roles = spawn_server(system, std::move(ground->server));
  if (!roles)
    return roles.why();
  auto made = std::unique_ptr<parts>(new parts{system, std::move(observer), std::move(links),
                                               std::move(*roles), std::move(folder), nullptr,
                                               std::move(ground->folder)});
  auto listener = transport::listener::open({.host = where.host,
                                             .port = where.port,
                                             .certificate = config.tls.certificate,
                                             .key = config.tls.key,
                                             .authority = config.tls.authority,
                                             .identify = identify,
                                             .accept = {role::edge, role::person, role::trustee}},
                                            events_for(made->roles->gateway));
  if (!listener)
    return listener.why();
  made->listener = std::move(*listener);
  made->links->attach(made->listener.get());
  log->info("server.listening", {{"host", where.host}, {"port", made->listener->port()}});
  return std::unique_ptr<server_actors>(new server_actors(std::move(made)));
}

server_actors::server_actors(std::unique_ptr<parts> made) : parts_(std::move(made)) {}
server_actors::~server_actors() = default;

const server_roles& server_actors::roles() const noexcept {
  return *parts_->roles;
}
std::uint16_t server_actors::port() const noexcept {
  return parts_->listener->port();
}
std::vector<round_record> server_actors::rounds() const {
  return parts_->observer->recorder().rounds();
}
bool server_actors::wait(std::chrono::milliseconds at_most) const {
  return parts_->observer->wait(at_most);
}
std::string server_actors::outcome() const {
  return parts_->observer->outcome();
}
const std::filesystem::path& server_actors::folder() const noexcept {
  return parts_->folder;
}

} // namespace godwit
