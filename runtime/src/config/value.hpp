// How one value gets from its text into its member, and back.
#pragma once

#include <string>

#include "config/schema.hpp"

namespace godwit::config {

/// Sets the member if the text is one of what is accepted; otherwise changes nothing and returns
/// false.
bool set_value(const acceptance& accepts, const std::string& text, const member& target);

/// The member's value in the words that set_value takes. Numbers have as many digits as give the
/// same bits.
std::string value_text(const member& source);

/// Why a text was not taken, where that is not plain: "a duration needs its unit, such as 60s". May
/// be empty.
std::string advice(const acceptance& accepts, const std::string& text);

} // namespace godwit::config
