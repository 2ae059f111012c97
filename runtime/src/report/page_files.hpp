// What the pages of reports are made of: files under page/ and the system's Chart.js, put into the
// library by the build.
#pragma once

#include <string_view>

namespace godwit::page {

/// Chart.js, as the system's package has it; defines `Chart`. Its licence notice is its first
/// comment.
std::string_view chart_js() noexcept;
/// The page with its {{places}}.
std::string_view page_html() noexcept;
std::string_view page_css() noexcept;
/// What the plots by round show.
std::string_view charts_js() noexcept;
/// What the plots by edge show.
std::string_view edge_charts_js() noexcept;
/// The page that holds several runs against each other, with its {{places}}.
std::string_view cases_html() noexcept;
/// What the plots on that page show.
std::string_view cases_charts_js() noexcept;
/// The page of an audit, with its {{places}}.
std::string_view audit_html() noexcept;
/// What the plots on that page show.
std::string_view audit_charts_js() noexcept;
/// What puts plots on each page.
std::string_view page_js() noexcept;

} // namespace godwit::page
