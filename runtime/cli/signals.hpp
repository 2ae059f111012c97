// How is a process asked to end?
#pragma once

namespace godwit::cli {

/// From now on SIGINT and SIGTERM ask the process to end in order; SIGPIPE is ignored.
void catch_signals();
/// Whether one of them came.
bool is_asked_to_stop() noexcept;
/// Sleeps until one of them comes. After catch_signals.
void wait_until_asked_to_stop();

} // namespace godwit::cli
