#include "edge_node.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <godwit/actors/edge.hpp>
#include <godwit/privacy/digest.hpp>

#include "clockwork.hpp"

namespace godwit::faults {
namespace {

class steady_power final : public power_source {
public:
  attempt<power_reading> read() override { return power_reading{}; }
};

class dial_by_schedule final : public dial_port {
public:
  dial_by_schedule(network& net, std::string name) : net_(net), name_(std::move(name)) {}
  void dial() override { net_.dial(name_); }
  void rest() override { net_.rest(name_); }

private:
  network& net_;
  const std::string name_;
};

/// What a worker needs to know of its edge.
struct training {
  world& in;
  client_id who;
  std::uint64_t example_count = 0;
  double slowness = 1;
  std::shared_ptr<const bool> is_alive;
  std::uint64_t& trained_count;
};

task_trained outcome_of(const training& of, const train_task& in) {
  const shared_bytes content(update_of(of.who, in.task.round, in.model.view()));
  return {.turn = in.turn,
          .offer = {.round = in.task.round,
                    .example_count = of.example_count,
                    .step_count = 2,
                    .loss = 0.5,
                    .update = {sha256(content.view()), content.size()},
                    .letter = {}},
          .content = content};
}

training_worker_actor::behavior_type worker(training_worker_actor::pointer, const training& of) {
  auto roles = std::make_shared<std::shared_ptr<const edge_roles>>();
  const auto answer_after = [of, roles](duration wait, auto message) {
    of.in.time.after(wait, [alive = of.is_alive, roles, message] {
      if (*alive)
        caf::anon_send((*roles)->trainer, message);
    });
  };
  return {
      [of, answer_after](const train_task& in) {
        const auto wait = std::chrono::duration_cast<duration>(
            of.slowness * of.in.draws.span(of.in.plan.training_seconds));
        if (of.in.draws.is(of.in.plan.failing_share))
          return answer_after(wait, task_failed{in.turn, in.task.round, "no luck"});
        ++of.trained_count;
        answer_after(wait, outcome_of(of, in));
      },
      [of, answer_after](const evaluate_task& in) {
        answer_after(of.in.draws.span({0.1, 3}), task_evaluated{in.turn,
                                                                {.round = in.task.round,
                                                                 .example_count = of.example_count,
                                                                 .correct_count = 1,
                                                                 .loss_sum = 1,
                                                                 .letter = {}}});
      },
      [roles](const std::shared_ptr<const edge_roles>& known) { *roles = known; },
  };
}

} // namespace

struct edge_node::process {
  std::shared_ptr<const edge_roles> roles;
  std::vector<caf::actor> actors;
};

edge_node::edge_node(clockwork& time, world& in, std::string name, std::uint64_t example_count,
                     double slowness)
    : node(std::move(name), in), time_(time), example_count_(example_count), slowness_(slowness) {}
edge_node::~edge_node() = default;

attempt<done> edge_node::raise() {
  auto opened = open_journal();
  if (!opened)
    return opened.why();
  const auto made = time_.system().spawn(
      worker, training{world_, {name_}, example_count_, slowness_, is_alive_, trained_count_});
  edge_setup setup;
  setup.greeting = {.client = {name_},
                    .model = "toy",
                    .parameter_count = world_.rules.parameter_count,
                    .example_count = example_count_,
                    .features = {}};
  setup.log = world_.log_of(name_);
  setup.links = std::make_shared<node_links>(world_.net, side::edge, is_alive_);
  setup.dials = std::make_shared<dial_by_schedule>(world_.net, name_);
  setup.worker = made;
  setup.power_every = std::chrono::hours(1);
  setup.power = std::make_shared<steady_power>();
  setup.journal = std::make_shared<process_journal>(*this, std::move(opened->journal), is_alive_);
  setup.found = std::move(opened->records);
  setup.seed = world_.draws.number();
  setup.is_detached = false;
  auto roles = spawn_edge(time_.system(), std::move(setup));
  if (!roles)
    return roles.why();
  auto next = std::make_unique<process>();
  next->roles = *roles;
  const auto add = [&](const auto& role) {
    auto actor = caf::actor_cast<caf::actor>(role);
    actor->attach_functor([this, is_alive = is_alive_](const caf::error& why) {
      if (*is_alive)
        world_.complain("an actor of " + name_ + " ends: " + caf::to_string(why));
    });
    next->actors.push_back(std::move(actor));
  };
  add(next->roles->uplink);
  add(next->roles->trainer);
  add(next->roles->worker);
  add(next->roles->power);
  add(next->roles->masker);
  add(next->roles->sharer);
  add(next->roles->keeper);
  process_ = std::move(next);
  world_.net.edge_is_up(
      name_,
      [uplink = process_->roles->uplink](link_event what) {
        std::visit([&](auto& x) { caf::anon_send(uplink, std::move(x)); }, what);
      },
      world_.draws.number());
  return done{};
}

void edge_node::end_actors(exit_kind how) {
  world_.net.edge_is_gone(name_, how);
  if (process_)
    time_.end(process_->actors);
  process_.reset();
}

void edge_node::set_frozen(bool is_frozen) {
  if (is_frozen)
    time_.freeze(process_->actors);
  else
    time_.thaw(process_->actors);
}

/// Somebody empties its folder: it comes back with nothing.
void edge_node::refused(const failure&) {
  disk_ = std::make_shared<simulated_disk>();
  disk_->lie_about_sync(world_.plan.lies_about_sync);
  world_.time.after(std::chrono::seconds(5), [this] { start(); });
}

} // namespace godwit::faults
