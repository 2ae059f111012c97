// How does a program in C, or in anything that can call C, let noisy means out until a privacy
// budget is spent?
//
// A privacy manager clips the vectors of clients (or examples), sums them, and gives out the mean
// with discrete Gaussian noise, as often as (epsilon, delta) allows: central differential privacy
// for whole clients, exact accounting. With a folder, each release stands in a signed ledger on the
// disk before it leaves; neither a crash nor a restart gives anything back.
//
//   godwit_privacy_config config = GODWIT_PRIVACY_CONFIG_INIT;
//   godwit_privacy_budget* budget = NULL;
//   config.epsilon = 2; config.delta = 1e-6; config.clip_norm = 1;
//   config.release_count = 10; config.client_count = 1000; config.folder = "budget";
//   if (godwit_privacy_open(&config, &budget) != GODWIT_PRIVACY_DONE)
//     puts(godwit_privacy_error());
//
// Link with -lgodwit_privacy. A manager is used by one thread at a time; two managers know nothing
// of each other. Nothing throws. What was an out parameter is left alone where a call does not
// succeed.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Numbers are append-only.
typedef enum godwit_privacy_status {
  GODWIT_PRIVACY_DONE = 0,
  // What was given cannot be accepted, or the budget is spent: nothing has changed.
  GODWIT_PRIVACY_REFUSED = 1,
  GODWIT_PRIVACY_FAILED = 2, // the disk, the ledger or the memory; the sentence says what to do
} godwit_privacy_status;

typedef struct godwit_privacy_budget godwit_privacy_budget;

// Begin with GODWIT_PRIVACY_CONFIG_INIT: fields that are added later get their defaults from it.
typedef struct godwit_privacy_config {
  size_t struct_bytes; // sizeof this struct, as the caller was compiled
  double epsilon;      // above 0, up to 1e6: of all releases together
  double delta;        // 1e-100 up to 1 / client_count
  double clip_norm;    // L2, of one client's vector: finite, above 0
  // How many releases the budget is to last, 1 to 10^6; 0: one, or as noise_multiplier allows.
  uint64_t release_count;
  double noise_multiplier; // deviation of the noise / clip_norm, 2^-15 to 256; 0: by release_count
  // What a sum is divided by: the expected clients, a number fixed beforehand; at least 1.
  double client_count;
  // 0: hides whether a client is there. 1: hides which one it is, with twice the noise.
  int replaces_one;
  // Where the ledger lies, made where there is none. NULL: the budget ends with the manager.
  const char* folder;
  const char* population; // whose data they are, 1 to 1024 bytes: a folder is for one
} godwit_privacy_config;

#define GODWIT_PRIVACY_CONFIG_INIT                                                                 \
  { sizeof(godwit_privacy_config), 0, 0, 0, 0, 0, 1, 0, NULL, "population" }

typedef struct godwit_privacy_spending {
  double epsilon;      // of all releases together, at delta
  double delta;        // the budget's
  double epsilon_left; // the budget's epsilon less the one that was spent
  uint64_t release_count;
  uint64_t releases_left;
  double noise_multiplier; // deviation of the noise / clip_norm, of a release
} godwit_privacy_spending;

// Makes a manager; *budget is to be closed. Copies what the config points to.
godwit_privacy_status godwit_privacy_open(const godwit_privacy_config* config,
                                          godwit_privacy_budget** budget);

// Adds one client's vector to the sum that leaves next; all have the length of the first. Refuses
// another length, and values that are not finite: then nothing was added.
godwit_privacy_status godwit_privacy_add(godwit_privacy_budget* budget, const float* values,
                                         size_t count);

// How many values a release has; 0: there is nothing to release.
size_t godwit_privacy_length(const godwit_privacy_budget* budget);

// The noisy mean of what was added: `count` is godwit_privacy_length. The next sum is empty. Where
// the ledger could not be written the release counts as spent, and the next call gives the same
// one.
godwit_privacy_status godwit_privacy_release(godwit_privacy_budget* budget, double* mean,
                                             size_t count);

// Clips the vector of one client and adds noise to it, in its place: a release by itself.
godwit_privacy_status godwit_privacy_add_noise(godwit_privacy_budget* budget, float* gradient,
                                               size_t count);

godwit_privacy_status godwit_privacy_spent(const godwit_privacy_budget* budget,
                                           godwit_privacy_spending* spending);

// Ends a manager, and lets go of its folder. NULL is fine.
void godwit_privacy_close(godwit_privacy_budget* budget);

// Why this thread's last call did not succeed: a sentence for each mistake. Never NULL; valid until
// the next call.
const char* godwit_privacy_error(void);

#ifdef __cplusplus
}
#endif
