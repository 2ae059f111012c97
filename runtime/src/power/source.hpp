// Which power source a configuration asks for.
#pragma once

#include <memory>

#include <godwit/actors/power_source.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/runtime/config.hpp>

namespace godwit {

/// Makes the source that `config.source` names: sysfs, scripted or none. Fails with
/// failure_code::bad_config for another name or a sysroot that is no folder, and with what reading
/// the script says.
attempt<std::unique_ptr<power_source>> make_power_source(const power_config& config);

} // namespace godwit
