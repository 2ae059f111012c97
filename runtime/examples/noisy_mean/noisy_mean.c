/* How does a program in C let a noisy mean out? Ten clients, three numbers of each, and a budget for two releases in the
 * folder "budget": run it a third time, and it is refused.
 *
 *   cc noisy_mean.c -lgodwit_privacy -o noisy_mean
 */
#include <stdio.h>

#include <godwit/privacy/privacy_manager.h>

static int say_why(const char* what) {
  fprintf(stderr, "%s: %s\n", what, godwit_privacy_error());
  return 1;
}

static int release(godwit_privacy_budget* budget) {
  double mean[3];
  godwit_privacy_spending spent;
  int client;
  for (client = 0; client < 10; ++client) {
    const float of_client[3] = {0.1F * (float)client, 0.5F, 20}; /* longer than 1: it is scaled down */
    if (godwit_privacy_add(budget, of_client, 3) != GODWIT_PRIVACY_DONE)
      return say_why("a vector was not added");
  }
  if (godwit_privacy_release(budget, mean, 3) != GODWIT_PRIVACY_DONE)
    return say_why("nothing was released");
  printf("mean %g %g %g\n", mean[0], mean[1], mean[2]);
  if (godwit_privacy_spent(budget, &spent) != GODWIT_PRIVACY_DONE)
    return say_why("unknown what was spent");
  printf("spent epsilon %g at delta %g, %d more\n", spent.epsilon, spent.delta, (int)spent.releases_left);
  return 0;
}

int main(void) {
  godwit_privacy_config config = GODWIT_PRIVACY_CONFIG_INIT;
  godwit_privacy_budget* budget = NULL;
  int status;
  config.epsilon = 4;
  config.delta = 1e-3;
  config.clip_norm = 1;
  config.release_count = 2;
  config.client_count = 10;
  config.folder = "budget";
  if (godwit_privacy_open(&config, &budget) != GODWIT_PRIVACY_DONE)
    return say_why("no manager");
  status = release(budget);
  godwit_privacy_close(budget);
  return status;
}
