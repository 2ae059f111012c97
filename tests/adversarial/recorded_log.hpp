// What has a node logged? Keeps its events, and waits for one with a deadline.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <godwit/actors/log.hpp>

namespace godwit::adversarial {

/// How long a test waits for what must happen: the machine may be busy.
inline constexpr std::chrono::seconds patience{30};

class recorded_log final : public event_log {
public:
  bool enabled(log_level) const noexcept override { return true; }
  void write(log_level, std::string_view event,
             std::span<const log_field> fields) noexcept override {
    std::string line(event);
    for (const auto& field : fields) {
      line.append(" ").append(field.key).append("=");
      line.append(std::visit([](const auto& x) { return text(x); }, field.value));
    }
    line.append(" ");
    std::scoped_lock lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }

  /// Waits until an event has happened `count` times with all of these fields ("reason=expired").
  bool wait(std::string_view event, const std::vector<std::string>& fields, std::size_t count = 1) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] {
      std::size_t found = 0;
      for (const auto& line : lines_)
        found += is_match(line, event, fields);
      return found >= count;
    });
  }
  /// All of it, for a test that failed.
  std::string everything() const {
    std::scoped_lock lock(mutex_);
    std::string all;
    for (const auto& line : lines_)
      all += line + "\n";
    return all;
  }

private:
  static std::string text(const std::string& x) { return x; }
  static std::string text(auto x) { return std::to_string(x); }
  static bool is_match(const std::string& line, std::string_view event,
                       const std::vector<std::string>& fields) {
    if (!line.starts_with(std::string(event) + " "))
      return false;
    for (const auto& field : fields)
      if (line.find(" " + field + " ") == std::string::npos)
        return false;
    return true;
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

} // namespace godwit::adversarial
