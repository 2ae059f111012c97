// What a person sees and can do while a run goes on: the live view.
#pragma once

#include <functional>
#include <memory>

#include <godwit/messages/enrolment.hpp>
#include <godwit/runtime/node.hpp>
#include <godwit/runtime/record.hpp>

#include "commands.hpp"
#include "telemetry/log_sink.hpp"

namespace godwit::cli {

/// The log of a run: in the run's folder while a live view has the terminal, else on stderr.
/// `folder` exists.
attempt<std::shared_ptr<log_sink>> open_log(const log_choice& choice,
                                            const std::filesystem::path& folder);

/// Whether the live view draws on the terminal: stderr is one, and no JSON was asked for.
bool is_live(const log_choice& choice);

run_status run_status_of(const status_reply& reply);

/// Shows a server until its job is done, a signal comes, or `goes_on` (which may look after child
/// processes) says no. True: done.
bool watch(const server_node& server, log_sink& log, const log_choice& choice,
           const std::function<bool()>& goes_on);

/// Prints where the results lie.
void print_results(const std::string& outcome, const std::filesystem::path& folder,
                   const std::vector<round_record>& rounds);

} // namespace godwit::cli
