#pragma once

#include <string_view>

namespace engineio::transports::detail {

/// True when `text` is complete UTF-8 as RFC 3629 defines it: no surrogates, no overlong forms,
/// nothing above U+10FFFF.
bool is_utf8(std::string_view text) noexcept;

}  // namespace engineio::transports::detail
