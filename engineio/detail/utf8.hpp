#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace engineio::detail {

/// What stands at one place of a text that should be UTF-8.
struct Utf8Unit {
  std::size_t size = 0;  ///< bytes of the character, or of the ill-formed sequence; 1 to 4
  bool well_formed = false;
  char32_t code_point = 0;  ///< meaningful when well formed
  bool unfinished = false;  ///< ill formed only because the text ends: it may go on well
};

/// The character that begins at `at`, or the ill-formed sequence there: the longest prefix of a
/// well-formed one, else one byte (what the WHATWG decoder replaces by a single U+FFFD). Surrogates
/// and overlong forms are ill formed. Requires: at < text.size().
Utf8Unit utf8_unit(std::string_view text, std::size_t at) noexcept;

/// Where the first ill-formed sequence begins; text.size() when there is none.
std::size_t well_formed_prefix(std::string_view text) noexcept;

inline bool is_valid_utf8(std::string_view text) noexcept {
  return well_formed_prefix(text) == text.size();
}

/// A copy with U+FFFD for each ill-formed sequence. `prefix`: how much is known to be well formed.
std::string with_replacements(std::string_view text, std::size_t prefix = 0);

}  // namespace engineio::detail
