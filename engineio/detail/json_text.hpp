#pragma once

#include <string>
#include <string_view>

namespace engineio::detail {

/// Appends `text` as a JSON string, quotes included, escaped as JSON.stringify does. What is not
/// UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace engineio::detail
