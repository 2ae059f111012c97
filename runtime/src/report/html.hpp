// How a run's own text gets into an HTML page without becoming part of the page.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace godwit {

/// For element content and quoted attribute values: & < > " ' become character references, control
/// characters and bytes that are not UTF-8 become U+FFFD; line ends and tabs stay.
std::string escape_html(std::string_view text);

/// For JSON inside <script type="application/json">: < > & and U+2028/9 become \u escapes, so that
/// no string in it can end the element, open a comment or start another script.
std::string safe_in_script(std::string_view json);

/// Replaces each {{name}} by its content, in one pass: content that looks like a place is not
/// looked at again. A place without content is a bug, and so is content without a place.
std::string fill(std::string_view page,
                 const std::map<std::string, std::string, std::less<>>& places);

} // namespace godwit
