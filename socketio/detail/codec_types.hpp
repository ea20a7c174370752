#pragma once

#include <array>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

// The codecs behind socketio::Codec, which says in words what they do. Included by codec.hpp only.

namespace socketio {
struct Args;
class RawArgs;
}  // namespace socketio

namespace socketio::detail {

// An array of char is written as text.
template <class T>
using encoded_t =
    std::conditional_t<std::is_array_v<T> &&
                           std::is_same_v<std::remove_cv_t<std::remove_extent_t<T>>, char>,
                       std::string_view, std::remove_cv_t<T>>;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_character =
    std::is_same_v<T, char> || std::is_same_v<T, wchar_t> || std::is_same_v<T, char8_t> ||
    std::is_same_v<T, char16_t> || std::is_same_v<T, char32_t>;

template <class T>
concept Integer = std::integral<T> && !is_character<T> && !std::same_as<T, bool>;

// Parses what the decoder has checked before.
boost::json::value parse_valid_json(std::string_view text, boost::json::storage_ptr storage);

// Range and integrality; false: does not fit, `in` knows why.
bool read_integer(const boost::json::value& json, std::int64_t& number, ValueReader& in);
bool read_integer(const boost::json::value& json, std::uint64_t& number, ValueReader& in);

// What a JavaScript Date becomes in JSON, to the millisecond; years outside 0 to 9999 as ±yyyyyy.
void write_date(ValueWriter& out, std::chrono::sys_time<std::chrono::milliseconds> time);
// Accepts that form, also without fraction and with an offset such as +01:00 in place of Z.
boost::system::result<std::chrono::sys_time<std::chrono::milliseconds>> read_date(
    const boost::json::value& json, ValueReader& in);

template <class T>
boost::system::result<T> absent(ValueReader& in) {
  if constexpr (is_optional<T>) {
    return T{};
  } else {
    return in.fail("missing");
  }
}

}  // namespace socketio::detail

#include "socketio/detail/codec_containers.hpp"
#include "socketio/detail/codec_described.hpp"
#include "socketio/detail/codec_scalars.hpp"
