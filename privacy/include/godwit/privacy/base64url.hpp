// How do bytes become text that goes into URLs and tokens, in exactly one way, and back?
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <godwit/messages/bytes.hpp>

namespace godwit {

/// base64url without padding (RFC 4648 section 5, RFC 7515 section 2): 4 characters for 3 bytes.
std::string base64url_encode(bytes_view content);

/// The bytes that `text` encodes; nullopt unless `text` is exactly what `base64url_encode` writes
/// for them: padding, white space, foreign characters and trailing bits that are not zero are all
/// refused, so that no two texts decode to the same bytes.
std::optional<bytes> base64url_decode(std::string_view text);

} // namespace godwit
