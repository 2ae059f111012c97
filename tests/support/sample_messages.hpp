// What does one well-formed message of each kind look like? The golden files of tests/wire hold the
// same values.
#pragma once

#include <vector>

#include <godwit/messages/checkpoint.hpp>
#include <godwit/messages/link.hpp>

namespace godwit::samples {

/// 32 bytes that count up from `first`.
inline sha256_digest digest(unsigned first) {
  sha256_digest made{};
  for (unsigned i = 0; i < made.size(); ++i)
    made[i] = static_cast<std::byte>(first + i);
  return made;
}

inline model_id model() {
  return {.sha256 = digest(0x40), .byte_count = 400};
}

inline sum_piece piece() {
  return {.round = {0x0102},
          .attempt = 0x1122334455667788,
          .step = 5,
          .server = 2,
          .byte_count = 0x30000,
          .offset = 0x20000};
}

/// What a trustee says.
inline std::vector<trustee_envelope> trustee() {
  return {{"", trustee_hello{.protocol = 4,
                             .trustee = {"trustee-1"},
                             .sealing_key = digest(0x60),
                             .evidence = "cert"}},
          {"tok", token_renewal{}},
          {"tok", piece()}};
}

/// One of each alternative, in their order. A hello carries no token.
inline std::vector<edge_envelope> edge() {
  return {
      {"", hello{.protocol = 4,
                 .client = {"edge-7"},
                 .model = "cnn",
                 .parameter_count = 100,
                 .example_count = 6000,
                 .features = {"zip", "int8"},
                 .mailbox = 170,
                 .server_mailbox = 187,
                 .heard = 5}},
      {"tok", token_renewal{}},
      {"tok", edge_status{.eligible = 0, .reason = "hot", .power_mode = "critical"}},
      {"tok", invitation_answer{.round = {0x0102},
                                .accepts = 0,
                                .reason = "busy",
                                .letter = {.number = 9, .previous = 7}}},
      {"tok", model_request{.model = model(), .offset = 128, .chunk_count = 8}},
      {"tok", update_offer{.round = {0x0102},
                           .example_count = 600,
                           .step_count = 60,
                           .loss = 0.5,
                           .update = model(),
                           .letter = {.number = 9, .previous = 7}}},
      {"tok", update_chunk{.round = {0x0102}, .offset = 0x20000}},
      {"tok", evaluation_report{.round = {0x0102},
                                .example_count = 100,
                                .correct_count = 90,
                                .loss_sum = 25.5,
                                .letter = {.number = 9, .previous = 7}}},
      {"tok", letters_heard{.number = 9}},
      {"tok", secure_word{.round = {0x0102},
                          .step = 1,
                          .content = "keys",
                          .evidence = "cert",
                          .letter = {.number = 9, .previous = 7}}},
  };
}

inline std::vector<person_message> person() {
  return {status_request{}};
}

inline status_reply status() {
  return {.job = "job",
          .phase = "collecting",
          .note = "fine",
          .round = 3,
          .committed_count = 2,
          .round_limit = 20,
          .edges_present = 9,
          .edges_known = 10,
          .invited = 8,
          .accepted = 7,
          .reported = 6,
          .cohort = 5,
          .milliseconds_to_deadline = 4000,
          .elapsed_milliseconds = 5000,
          .has_loss = 1,
          .has_accuracy = 0,
          .loss = 0.25,
          .accuracy = 0.75,
          .bytes_up = 0x10000,
          .bytes_down = 0x20000,
          .refused_count = 1};
}

inline std::vector<server_message> server() {
  return {
      welcome{.protocol = 4,
              .server = "srv",
              .job = "job",
              .token = "tok",
              .token_seconds = 600,
              .mailbox = 187,
              .heard = 6},
      token_grant{.token = "tok2", .token_seconds = 300},
      refused{.round = 0x0102,
              .why = refusal::value_not_finite,
              .closes = 1,
              .detail = "NaN",
              .letter = {.number = 9, .previous = 7}},
      invitation{.round = {0x0102},
                 .model = model(),
                 .plan = {.epochs = 5,
                          .batch_size = 10,
                          .learning_rate = 0.5F,
                          .momentum = 0.25F,
                          .weight_decay = 0.125F,
                          .seed = 0x1122334455667788,
                          .noise = {.clip_norm = 0.5F, .noise_multiplier = 1},
                          .local = {.law = 2, .clip_norm = 0.25F, .noise_multiplier = 2}},
                 .milliseconds_left = 60000,
                 .milliseconds_lease = 86400},
      model_chunk{.model = digest(0x40), .offset = 0x20000},
      update_grant{.round = {0x0102}},
      receipt{.round = {0x0102}, .letter = {.number = 9, .previous = 7}},
      round_closed{.round = {0x0102},
                   .committed = 1,
                   .reason = "done",
                   .letter = {.number = 9, .previous = 7}},
      evaluation_request{.round = {0x0102}, .model = model()},
      status(),
      letters_taken{.number = 9},
      secure_invitation{
          .task = {.round = {0x0102},
                   .model = model(),
                   .plan = {.epochs = 5,
                            .batch_size = 10,
                            .learning_rate = 0.5F,
                            .momentum = 0.25F,
                            .weight_decay = 0.125F,
                            .seed = 0x1122334455667788,
                            .noise = {.clip_norm = 0.5F, .noise_multiplier = 1},
                            .local = {.law = 2, .clip_norm = 0.25F, .noise_multiplier = 2}},
                   .milliseconds_left = 60000,
                   .milliseconds_lease = 86400},
          .terms = "terms"},
      secure_piece{.round = {0x0102}, .step = 2, .byte_count = 200'000, .offset = 131'072},
      piece(),
  };
}

/// A checkpoint as it lies on the disk.
inline bytes on_disk(const checkpoint& state) {
  const auto parts = encode_in_parts(state, state.parameters);
  auto all = parts.before;
  all.insert(all.end(), parts.parameters.begin(), parts.parameters.end());
  all.insert(all.end(), parts.after.begin(), parts.after.end());
  return all;
}

inline checkpoint kept() {
  return {.job = "job",
          .model = "cnn",
          .seed = 7,
          .round = {3},
          .committed_count = 2,
          .elapsed_ns = 5'000'000'000,
          .bytes_up = 0x10000,
          .bytes_down = 0x20000,
          .server_time_ns = 6'000'000'000,
          .abandoned_in_a_row = 1,
          .present_count = 2,
          .clip_norm = 0.25,
          .mailbox = 187,
          .mail = {{{"edge-1"}, 170, 5, 9, {{9, 102, "ab"}}}},
          .members = {{{"edge-1"}, digest(0x10)}, {{"edge-2"}, digest(0x20)}},
          .layout = {{"w", {2, 1}}, {"b", {1}}},
          .parameters = {0.5F, -2.0F, 1.0F}};
}

} // namespace godwit::samples
