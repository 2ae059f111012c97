// Who signs and checks the edges' tokens, and where does its key lie?
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <godwit/actors/server_ports.hpp>

namespace godwit {

/// The tokens of the server called `server_name`. The signing seed lies in `state`/token.seed,
/// readable by its owner only, and is made at the first start; so tokens outlive a restart.
attempt<std::shared_ptr<token_authority>> open_token_service(const std::filesystem::path& state,
                                                             std::string server_name,
                                                             std::chrono::seconds lifetime);

} // namespace godwit
