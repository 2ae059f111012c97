// How does a person's tool ask a running server how it stands?
#include <condition_variable>
#include <mutex>
#include <optional>

#include <godwit/messages/link.hpp>
#include <godwit/runtime/node.hpp>

#include "config/address.hpp"
#include "link_adapters.hpp"
#include "transport/dialler.hpp"

namespace godwit {
namespace {

/// What comes back from the transport's thread.
struct mailbox {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<attempt<status_reply>> answer;

  void put(attempt<status_reply> x) {
    std::scoped_lock lock(mutex);
    if (!answer)
      answer = std::move(x);
    changed.notify_all();
  }
};

failure unreachable(std::string detail) {
  return {.code = failure_code::unreachable, .retry = true, .detail = std::move(detail)};
}

attempt<status_reply> read(const transport::incoming& frame) {
  auto message = decode_server_message(frame.kind, frame.head);
  if (!message)
    return unreachable(std::string(sentence(message.why())));
  if (auto* reply = std::get_if<status_reply>(&*message))
    return *reply;
  if (auto* no = std::get_if<refused>(&*message))
    return unreachable(no->detail);
  return unreachable("the server answered something else");
}

} // namespace

attempt<status_reply> ask_status(const std::string& server, const tls_config& tls,
                                 std::chrono::milliseconds at_most) {
  const auto where = config::parse_address(server);
  if (!where)
    return failure{.code = failure_code::bad_config, .detail = "\"" + server + "\" is no address"};
  mailbox box;
  auto links = std::make_shared<link_adapter<transport::dialler>>();
  auto dialler = transport::dialler::start(
      {.host = where->host,
       .port = where->port,
       .certificate = tls.certificate,
       .key = tls.key,
       .authority = tls.authority,
       .server_name = {},
       .identify = identify},
      {.connected =
           [&](transport::link_id link, const transport::peer&) {
             links->send(link, encode(person_message{status_request{}}), {});
           },
       .received = [&](transport::link_id, transport::incoming&& frame) { box.put(read(frame)); },
       .drained = {},
       .disconnected =
           [&](const transport::disconnection& end) { box.put(unreachable(end.reason)); }});
  if (!dialler)
    return dialler.why();
  links->attach(dialler->get());
  std::unique_lock lock(box.mutex);
  if (!box.changed.wait_for(lock, at_most, [&] { return box.answer.has_value(); }))
    return unreachable("no answer from " + server + " in time");
  auto answer = std::move(*box.answer);
  lock.unlock();
  dialler->reset();
  return answer;
}

} // namespace godwit
