// What did an audit from outside find? A page with its figures and plots.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <godwit/privacy/privacy_audit.hpp>

namespace godwit {

/// A row a figure: what it is, and its value in words.
using audit_rows = std::vector<std::pair<std::string, std::string>>;
audit_rows rows_of(const audit_finding&, const audit_claim&, double confidence);

/// One self-contained HTML page with those rows, the scores with and without the canaries' updates
/// beside what is claimed of them, and the errors of who guesses. Equal input gives equal bytes.
/// There is a trial of each kind.
std::string html_audit(std::string_view title, std::span<const audit_trial>, const audit_finding&,
                       const audit_claim&, double confidence);

} // namespace godwit
