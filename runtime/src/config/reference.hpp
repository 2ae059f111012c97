// Where the reference page of all keys comes from: the same table that loading and checking use.
#pragma once

#include <string>

namespace godwit::config {

/// deploy/config/REFERENCE.md, as Markdown. Made anew with `godwit config reference >
/// deploy/config/REFERENCE.md`.
std::string reference_page();

} // namespace godwit::config
