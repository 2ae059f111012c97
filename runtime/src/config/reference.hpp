// Where the reference page of all keys comes from: the same table that loading and checking use.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace godwit::config {

/// deploy/config/REFERENCE.md, as Markdown. Made anew with `godwit config reference >
/// deploy/config/REFERENCE.md`.
std::string reference_page();

/// The keys that are spans of time, each once.
std::vector<std::string_view> time_settings();

} // namespace godwit::config
