// Where does a node keep a secret seed, and who may read it?
#pragma once

#include <filesystem>

#include <godwit/messages/result.hpp>
#include <godwit/messages/secret.hpp>

namespace godwit {

/// The 32 bytes in `file`, which is made with fresh ones, for its owner's eyes only, where it is
/// not there yet.
attempt<secret> seed_in(const std::filesystem::path& file);

} // namespace godwit
