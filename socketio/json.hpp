#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include "engineio/block.hpp"

namespace socketio {

/// What is accepted as JSON beyond the grammar, which is that of JavaScript's `JSON.parse`.
struct JsonLimits {
  /// The deepest nesting of arrays and objects: `[[1]]` has depth 2. Values over `max_json_depth`
  /// count as that.
  std::size_t max_depth = 128;
  /// The most digits of one number, those of fraction and exponent included.
  std::size_t max_number_digits = 400;
};

/// The highest nesting that JsonLimits can allow: values of Boost.JSON are destroyed recursively.
inline constexpr std::size_t max_json_depth = 2048;

/// Why a JSON text was refused, or did not become the wanted C++ value.
enum class JsonError {
  syntax = 1,       ///< not a JSON text: `JSON.parse` throws a SyntaxError
  too_deep,         ///< JsonLimits::max_depth
  number_too_long,  ///< JsonLimits::max_number_digits
  mismatch,         ///< good JSON, but of another shape than the C++ type asks for
};

boost::system::error_code make_error_code(JsonError error) noexcept;

/// Parses one JSON text into Boost.JSON's dynamic form, as `JSON.parse` does and unlike
/// `boost::json::parse`:
///
/// - Every number is the double that JavaScript would read; integers that fit are kept exactly as
/// int64 or uint64. A number
///   out of a double's range (`1e400`) becomes null, since JSON cannot carry Infinity back.
/// - A lone surrogate (`"\ud83d"`) is accepted and kept as its three bytes ED xx xx (WTF-8);
/// append_json writes it back as
///   it came. Such a string is not valid UTF-8.
/// - Of equal keys the last one wins, at the place of the first.
///
/// `text` must be valid UTF-8; the transports see to that. Takes linear time whatever the keys are,
/// and no recursion.
boost::system::result<boost::json::value> parse_json(std::string_view text,
                                                     const JsonLimits& limits = {},
                                                     boost::json::storage_ptr storage = {});

/// Appends `value` byte for byte as `JSON.stringify` prints it: no spaces, members in their order,
/// numbers as JavaScript prints them (`1e+21`, `0` for -0, null for NaN and infinities), lone
/// surrogates as `\udxxx`. No recursion.
void append_json(engineio::BlockBuilder& out, const boost::json::value& value);

/// Appends a JSON string literal. Lone surrogates in WTF-8 become `\udxxx` in lower case; any other
/// byte that is not UTF-8 becomes U+FFFD, so that the result is always valid UTF-8.
void append_json_string(engineio::BlockBuilder& out, std::string_view text);

/// Appends a number as JavaScript prints it: the shortest digits that read back as the same double.
void append_json_number(engineio::BlockBuilder& out, double number);
/// The same with the shortest digits that read back as the same float: 0.1F is `0.1`.
void append_json_number(engineio::BlockBuilder& out, float number);
/// Appends all digits of an integer. JavaScript reads those beyond 2^53 as the nearest double.
void append_json_number(engineio::BlockBuilder& out, std::int64_t number);
void append_json_number(engineio::BlockBuilder& out, std::uint64_t number);

/// The text of one JSON value that is known to be well formed, passed on as it is: stored JSON, or
/// an argument that is kept without being parsed.
class JsonText {
 public:
  /// `null`.
  JsonText() : text_("null") {}

  /// Checks `text` and keeps it. Errors: JsonError.
  static boost::system::result<JsonText> parse(std::string text, const JsonLimits& limits = {});
  /// Keeps `text` unchecked. Requires: one well-formed JSON value in UTF-8. Anything else breaks
  /// the packets that it is sent in.
  static JsonText trusted(std::string text) { return JsonText(std::move(text)); }

  std::string_view text() const noexcept { return text_; }
  boost::json::value value() const;

  friend bool operator==(const JsonText&, const JsonText&) = default;

 private:
  explicit JsonText(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

}  // namespace socketio

template <>
struct boost::system::is_error_code_enum<socketio::JsonError> : std::true_type {};
