#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace engineio::detail {

/// Client text as it may stand in a log line: printable UTF-8 without line breaks or quotes, at
/// most `max` bytes long. Control characters (also U+0080 to U+009F, line separators and marks that
/// turn the reading direction), quotes, backslashes and bytes that are not UTF-8 are escaped (`\n`,
/// `\"`, `\x1b`, `\u2028`). What is longer ends with "…". Looks at no more of the text than it
/// shows. `max` below 3 gives nothing of a text that is too long.
std::string loggable(std::string_view text, std::size_t max = 256);

/// The first characters of a session id, as many as tell sessions apart in a log without giving one
/// away.
std::string loggable_session_id(std::string_view id);

}  // namespace engineio::detail
