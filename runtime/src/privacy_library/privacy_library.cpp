// How does C speak to a privacy manager? Every exception and every failure ends here, as a status
// and a sentence.
#include <godwit/privacy/privacy_manager.h>

#include <cstring>
#include <exception>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <godwit/runtime/privacy_store.hpp>

struct godwit_privacy_budget {
  godwit::privacy_manager held;
};

namespace {

using godwit::failure;
using godwit::failure_code;

thread_local std::string why_not;

godwit_privacy_status refused(std::string sentence) {
  why_not = std::move(sentence);
  return GODWIT_PRIVACY_REFUSED;
}

godwit_privacy_status because(const failure& why) {
  why_not = why.detail;
  return why.code == failure_code::bad_config ? GODWIT_PRIVACY_REFUSED : GODWIT_PRIVACY_FAILED;
}

/// What `work` says; no exception leaves.
template <class Work>
godwit_privacy_status guarded(Work work) noexcept {
  try {
    return work();
  } catch (const std::exception& e) {
    try {
      why_not = e.what();
    } catch (...) {
      why_not.clear();
    }
  } catch (...) {
    why_not.clear();
  }
  return GODWIT_PRIVACY_FAILED;
}

godwit::privacy_manager::config rules_of(const godwit_privacy_config& from) {
  godwit::privacy_manager::config made{
      .epsilon = from.epsilon, .delta = from.delta, .clip_norm = from.clip_norm};
  if (from.release_count != 0)
    made.release_count = from.release_count;
  if (from.noise_multiplier != 0)
    made.noise_multiplier = from.noise_multiplier;
  made.client_count = from.client_count;
  if (from.replaces_one != 0)
    made.neighbours = godwit::accounting::relation::replace_one;
  return made;
}

} // namespace

extern "C" {

godwit_privacy_status godwit_privacy_open(const godwit_privacy_config* config,
                                          godwit_privacy_budget** budget) {
  return guarded([&] {
    if (config == nullptr || budget == nullptr)
      return refused("godwit_privacy_open needs a config and a place for the manager");
    if (config->struct_bytes != sizeof(godwit_privacy_config))
      return refused("the config says that it has " + std::to_string(config->struct_bytes) +
                     " bytes, and this library's has " +
                     std::to_string(sizeof(godwit_privacy_config)) +
                     "; begin it with GODWIT_PRIVACY_CONFIG_INIT");
    if (config->population == nullptr)
      return refused("population is NULL; say whose data are released");
    const auto rules = rules_of(*config);
    auto opened = config->folder == nullptr
                      ? godwit::privacy_manager::begin(rules)
                      : godwit::open_privacy_store(rules, config->folder, config->population);
    if (!opened)
      return because(opened.why());
    *budget = new godwit_privacy_budget{std::move(*opened)};
    return GODWIT_PRIVACY_DONE;
  });
}

godwit_privacy_status godwit_privacy_add(godwit_privacy_budget* budget, const float* values,
                                         size_t count) {
  return guarded([&] {
    if (budget == nullptr || values == nullptr)
      return refused("godwit_privacy_add needs a manager and a vector");
    const auto added = budget->held.add(std::span(values, count));
    return added ? GODWIT_PRIVACY_DONE : because(added.why());
  });
}

size_t godwit_privacy_length(const godwit_privacy_budget* budget) {
  return budget == nullptr ? 0 : budget->held.length();
}

godwit_privacy_status godwit_privacy_release(godwit_privacy_budget* budget, double* mean,
                                             size_t count) {
  return guarded([&] {
    if (budget == nullptr || mean == nullptr)
      return refused("godwit_privacy_release needs a manager and a place for the mean");
    const auto length = budget->held.length();
    if (length != 0 && count != length) // before anything is paid for
      return refused("there is room for " + std::to_string(count) + " values, and a vector has " +
                     std::to_string(length));
    const auto released = budget->held.release();
    if (!released)
      return because(released.why());
    std::memcpy(mean, released->data(), released->size() * sizeof(double));
    return GODWIT_PRIVACY_DONE;
  });
}

godwit_privacy_status godwit_privacy_add_noise(godwit_privacy_budget* budget, float* gradient,
                                               size_t count) {
  return guarded([&] {
    if (budget == nullptr || gradient == nullptr)
      return refused("godwit_privacy_add_noise needs a manager and a vector");
    const auto noised = budget->held.add_noise(std::span(gradient, count));
    return noised ? GODWIT_PRIVACY_DONE : because(noised.why());
  });
}

godwit_privacy_status godwit_privacy_spent(const godwit_privacy_budget* budget,
                                           godwit_privacy_spending* spending) {
  return guarded([&] {
    if (budget == nullptr || spending == nullptr)
      return refused("godwit_privacy_spent needs a manager and a place for what it says");
    const auto now = budget->held.privacy_spent();
    *spending = {now.epsilon,       now.delta,         now.epsilon_left,
                 now.release_count, now.releases_left, now.noise_multiplier};
    return GODWIT_PRIVACY_DONE;
  });
}

void godwit_privacy_close(godwit_privacy_budget* budget) {
  delete budget;
}

const char* godwit_privacy_error(void) {
  return why_not.c_str();
}

} // extern "C"
