#pragma once

#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/describe/modifiers.hpp>
#include <boost/mp11/algorithm.hpp>

#include "socketio/codec.hpp"

// Codecs of types described with Boost.Describe, and what is said about a type without any codec.
// Included by codec_types.hpp only.

namespace socketio::detail {

template <class T>
concept DescribedEnum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

template <class T>
concept DescribedStruct = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;

template <class T>
using members_of = boost::describe::describe_members<T, boost::describe::mod_public |
                                                            boost::describe::mod_inherited>;

template <class T>
void write_described_member(ValueWriter& out, const char* name, const T& member) {
  if constexpr (is_optional<T>) {
    if (!member) return;
  }
  out.separate();
  const std::string_view plain(name);  // an identifier: there is nothing to escape
  char* const at = out.text().extend(plain.size() + 3);
  at[0] = '"';
  plain.copy(at + 1, plain.size());
  at[plain.size() + 1] = '"';
  at[plain.size() + 2] = ':';
  out.write(member);
}

template <class T>
bool read_described_member(const boost::json::object& object, const char* name, T& member,
                           ValueReader& in) {
  boost::system::result<T> value = in.read_member<T>(object, name);
  if (value) member = std::move(*value);
  return value.has_value();
}

template <class T>
consteval void explain_missing_codec() {
  static_assert(!std::is_pointer_v<T> && !std::is_array_v<T>,
                "socketio: pointers and arrays cannot be sent; pass the value, a std::vector or a "
                "std::array");
  static_assert(!is_character<T>,
                "socketio: a single character cannot be sent; use std::string, or an integer type");
  static_assert(!std::is_enum_v<T>,
                "socketio: this enum is unknown; describe it with BOOST_DESCRIBE_ENUM");
  static_assert(
      !std::is_same_v<T, Args> && !std::is_same_v<T, RawArgs>,
      "socketio: Args and RawArgs stand for several arguments and cannot be part of a value");
  static_assert(std::is_void_v<T>,
                "socketio: this type cannot be sent or received; describe it with "
                "BOOST_DESCRIBE_STRUCT, or specialise socketio::Codec for it; if it is a callback "
                "for the reply: that is the last argument, and its parameters have types, no auto");
}

}  // namespace socketio::detail

namespace socketio {

template <detail::DescribedEnum T>
struct Codec<T> {
  using Enumerators = boost::describe::describe_enumerators<T>;

  static void encode(ValueWriter& out, T value) {
    const char* name = nullptr;
    boost::mp11::mp_for_each<Enumerators>([&](auto enumerator) {
      if (enumerator.value == value) name = enumerator.name;
    });
    if (name) {
      out.write(name);
    } else {
      out.write(static_cast<std::underlying_type_t<T>>(value));
    }
  }
  static boost::system::result<T> decode(const boost::json::value& json, ValueReader& in) {
    std::optional<T> value;
    std::string names;
    const boost::json::string* text = json.if_string();
    boost::mp11::mp_for_each<Enumerators>([&](auto enumerator) {
      if (text && *text == enumerator.name) value = enumerator.value;
    });
    if (value) return *value;
    boost::mp11::mp_for_each<Enumerators>(
        [&](auto enumerator) { names.append(" ").append(enumerator.name); });
    return in.fail("one of" + names + " expected");
  }
};

template <detail::DescribedStruct T>
struct Codec<T> {
  static void encode(ValueWriter& out, const T& value) {
    out.begin_object();
    boost::mp11::mp_for_each<detail::members_of<T>>([&](auto member) {
      detail::write_described_member(out, member.name, value.*member.pointer);
    });
    out.end_object();
  }
  static boost::system::result<T> decode(const boost::json::value& json, ValueReader& in) {
    static_assert(std::is_default_constructible_v<T>,
                  "socketio: a struct that is received must be default-constructible");
    const boost::json::object* object = json.if_object();
    if (!object) return in.fail("object expected");
    boost::system::result<T> result{T{}};
    bool good = true;
    boost::mp11::mp_for_each<detail::members_of<T>>([&](auto member) {
      good = good &&
             detail::read_described_member(*object, member.name, (*result).*member.pointer, in);
    });
    if (!good) return DecodeFailure{};
    return result;
  }
};

template <class T>
struct Codec {
  static void encode(ValueWriter&, const T&) { detail::explain_missing_codec<T>(); }
  static boost::system::result<T> decode(const boost::json::value&, ValueReader& in) {
    detail::explain_missing_codec<T>();
    return in.fail("");
  }
};

}  // namespace socketio
