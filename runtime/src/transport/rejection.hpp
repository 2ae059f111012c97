// Why does a connection not become a link? The stable phrases that listeners report, dashboards
// count and tests compare.
#pragma once

#include <string_view>

namespace godwit::transport::rejection {

inline constexpr std::string_view not_tls = "plaintext or garbage instead of TLS";
inline constexpr std::string_view old_tls = "TLS older than 1.3";
inline constexpr std::string_view no_certificate = "no certificate";
inline constexpr std::string_view other_authority = "certificate of another authority";
inline constexpr std::string_view expired = "certificate has expired";
inline constexpr std::string_view not_valid_yet = "certificate is not valid yet";
inline constexpr std::string_view wrong_purpose = "certificate is not for this purpose";
inline constexpr std::string_view bad_certificate = "certificate not accepted";
inline constexpr std::string_view no_role = "certificate names no godwit role";
inline constexpr std::string_view wrong_role = "certificate's role may not connect here";
inline constexpr std::string_view distrusts_us = "the peer does not accept our certificate";
inline constexpr std::string_view timed_out = "handshake timed out";
inline constexpr std::string_view hung_up = "closed during the handshake";
inline constexpr std::string_view failed = "handshake failed";
inline constexpr std::string_view too_many = "too many connections";
inline constexpr std::string_view no_descriptors = "no file descriptors left";

} // namespace godwit::transport::rejection
