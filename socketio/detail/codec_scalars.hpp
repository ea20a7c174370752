#pragma once

#include "socketio/codec.hpp"

// Codecs of single values. Included by codec_types.hpp only.

namespace socketio {

template <>
struct Codec<bool> {
  static void encode(ValueWriter& out, bool value) { out.write_raw(value ? "true" : "false"); }
  static boost::system::result<bool> decode(const boost::json::value& json, ValueReader& in) {
    if (const bool* value = json.if_bool()) return *value;
    return in.fail("boolean expected");
  }
};

template <detail::Integer T>
struct Codec<T> {
  using Wide = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;

  static void encode(ValueWriter& out, T value) {
    append_json_number(out.text(), static_cast<Wide>(value));
  }
  static boost::system::result<T> decode(const boost::json::value& json, ValueReader& in) {
    Wide wide = 0;
    if (!detail::read_integer(json, wide, in)) return DecodeFailure{};
    if (!std::in_range<T>(wide)) return in.fail("integer out of range");
    return static_cast<T>(wide);
  }
};

template <std::floating_point T>
struct Codec<T> {
  using Printed = std::conditional_t<std::is_same_v<T, float>, float, double>;

  static void encode(ValueWriter& out, T value) {
    append_json_number(out.text(), static_cast<Printed>(value));
  }
  static boost::system::result<T> decode(const boost::json::value& json, ValueReader& in) {
    if (const double* value = json.if_double()) {
      if (std::abs(*value) > std::numeric_limits<T>::max()) return in.fail("number out of range");
      return static_cast<T>(*value);
    }
    if (const std::int64_t* value = json.if_int64()) return static_cast<T>(*value);
    if (const std::uint64_t* value = json.if_uint64()) return static_cast<T>(*value);
    return in.fail("number expected");
  }
};

template <>
struct Codec<std::nullptr_t> {
  static void encode(ValueWriter& out, std::nullptr_t) { out.write_raw("null"); }
  static boost::system::result<std::nullptr_t> decode(const boost::json::value& json,
                                                      ValueReader& in) {
    if (json.is_null()) return nullptr;
    return in.fail("null expected");
  }
};

template <>
struct Codec<std::string_view> {
  static void encode(ValueWriter& out, std::string_view value) {
    append_json_string(out.text(), value);
  }
  template <class Never = void>
  static boost::system::result<std::string_view> decode(const boost::json::value&, ValueReader&) {
    static_assert(!std::is_void_v<Never>,
                  "socketio: a std::string_view would dangle; take a std::string instead");
    return std::string_view{};
  }
};

template <>
struct Codec<const char*> {
  static void encode(ValueWriter& out, const char* value) {
    if (value) {
      append_json_string(out.text(), value);
    } else {
      out.write_raw("null");
    }
  }
  template <class Never = void>
  static boost::system::result<const char*> decode(const boost::json::value&, ValueReader&) {
    static_assert(!std::is_void_v<Never>,
                  "socketio: a const char* would dangle; take a std::string instead");
    return nullptr;
  }
};
template <>
struct Codec<char*> : Codec<const char*> {};

template <>
struct Codec<std::string> {
  static void encode(ValueWriter& out, const std::string& value) {
    append_json_string(out.text(), value);
  }
  static boost::system::result<std::string> decode(const boost::json::value& json,
                                                   ValueReader& in) {
    if (const boost::json::string* value = json.if_string())
      return std::string(value->data(), value->size());
    return in.fail("string expected");
  }
};

template <>
struct Codec<Binary> {
  static void encode(ValueWriter& out, const Binary& value) { out.write_binary(value); }
  static boost::system::result<Binary> decode(const boost::json::value& json, ValueReader& in) {
    if (const Binary* bytes = in.attachment(json)) return *bytes;
    return in.fail("binary data expected");
  }
};

template <>
struct Codec<boost::json::value> {
  static void encode(ValueWriter& out, const boost::json::value& value) {
    append_json(out.text(), value);
  }
  static boost::system::result<boost::json::value> decode(const boost::json::value& json,
                                                          ValueReader&) {
    return {boost::system::result<boost::json::value>::in_place_value, json};
  }
};

template <>
struct Codec<boost::json::array> {
  static void encode(ValueWriter& out, const boost::json::array& value);
  static boost::system::result<boost::json::array> decode(const boost::json::value& json,
                                                          ValueReader& in) {
    if (const boost::json::array* value = json.if_array()) return *value;
    return in.fail("array expected");
  }
};

template <>
struct Codec<boost::json::object> {
  static void encode(ValueWriter& out, const boost::json::object& value);
  static boost::system::result<boost::json::object> decode(const boost::json::value& json,
                                                           ValueReader& in) {
    if (const boost::json::object* value = json.if_object()) return *value;
    return in.fail("object expected");
  }
};

template <>
struct Codec<boost::json::string> {
  static void encode(ValueWriter& out, const boost::json::string& value) {
    append_json_string(out.text(), std::string_view(value.data(), value.size()));
  }
  static boost::system::result<boost::json::string> decode(const boost::json::value& json,
                                                           ValueReader& in) {
    if (const boost::json::string* value = json.if_string()) return *value;
    return in.fail("string expected");
  }
};

template <>
struct Codec<JsonText> {
  static void encode(ValueWriter& out, const JsonText& value) { out.write_raw(value.text()); }
  static boost::system::result<JsonText> decode(const boost::json::value& json, ValueReader& in);
};

template <class Duration>
struct Codec<std::chrono::time_point<std::chrono::system_clock, Duration>> {
  using Time = std::chrono::time_point<std::chrono::system_clock, Duration>;

  static void encode(ValueWriter& out, Time value) {
    detail::write_date(out, std::chrono::floor<std::chrono::milliseconds>(value));
  }
  static boost::system::result<Time> decode(const boost::json::value& json, ValueReader& in) {
    const auto time = detail::read_date(json, in);
    if (!time) return DecodeFailure{};
    const std::chrono::duration<double, typename Duration::period> wide = time->time_since_epoch();
    const bool fits = wide.count() >= static_cast<double>(Duration::min().count()) &&
                      wide.count() < static_cast<double>(Duration::max().count());
    if (!fits) return in.fail("date out of range");
    return std::chrono::floor<Duration>(*time);
  }
};

}  // namespace socketio
