// Every bound that a message may not exceed, in one place.
#pragma once

#include <cstddef>
#include <cstdint>

namespace godwit::limits {

inline constexpr std::size_t frame_head_bytes_max = 256 * 1024; ///< a message's fields
inline constexpr std::size_t frame_body_bytes_max =
    256 * 1024; ///< one chunk of a model or an update
inline constexpr std::size_t journal_head_bytes_max =
    16 * 1024 * 1024; ///< a line of a journal: the names of a cohort, at most
inline constexpr std::size_t chunk_bytes = 128 * 1024; ///< what we send in one frame
inline constexpr std::size_t secure_terms_bytes_max =
    16 * 1024; ///< of a shared sum: its servers' keys and evidence, too
inline constexpr std::size_t sum_server_count_max = 3;
inline constexpr std::size_t evidence_bytes_max = 4096; ///< a certificate and a signature
inline constexpr std::size_t secure_call_bytes_max =
    4 * 1024 * 1024; ///< a roster of 2,000 neighbours, or the evidence of 512
inline constexpr std::size_t name_length_max = 64;
inline constexpr std::size_t text_length_max = 1024; ///< a sentence for people
inline constexpr std::size_t token_length_max = 2048;
inline constexpr std::size_t tensor_count_max = 4096;
inline constexpr std::size_t tensor_rank_max = 8;
inline constexpr std::uint64_t parameter_count_max = std::uint64_t{1} << 32;
inline constexpr std::size_t feature_count_max = 32;
inline constexpr std::uint64_t example_count_max = std::uint64_t{1}
                                                   << 24; ///< one client's, one update's
inline constexpr double loss_max =
    1e12; ///< |loss|, nats an example: so high that no training comes back from it, and so
          ///< low that means over all clients stay finite
inline constexpr std::size_t link_count_max = 20'000;
inline constexpr std::size_t handshake_count_max =
    256; ///< connections that have not shown who they are

} // namespace godwit::limits
