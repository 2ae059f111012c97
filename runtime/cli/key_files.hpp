// Where do keys and certificates lie, and how are they made without overwriting any?
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/runtime/config.hpp>

namespace godwit::cli {

/// A folder with ca.pem, ca.key, and NAME.pem, NAME.key for each node. Keys can be read by their
/// owner only.
class key_folder {
public:
  key_folder(std::filesystem::path folder, std::chrono::hours lifetime)
      : folder_(std::move(folder)), lifetime_(lifetime) {}

  /// Makes the authority unless it is there. True: made.
  attempt<bool> make_authority();
  /// Makes a certificate for a node unless it is there. True: made. Needs the authority.
  attempt<bool> make(role who, const std::string& name, const std::vector<std::string>& hosts);
  /// Where a node finds its keys.
  tls_config tls(const std::string& name) const;
  const std::filesystem::path& path() const noexcept { return folder_; }

private:
  std::filesystem::path folder_;
  std::chrono::hours lifetime_;
};

} // namespace godwit::cli
