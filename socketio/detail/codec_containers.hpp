#pragma once

#include "socketio/codec.hpp"

// Codecs of containers and of types made of others. Included by codec_types.hpp only.

namespace socketio::detail {

template <class Range>
void write_array(ValueWriter& out, const Range& range) {
  out.begin_array();
  for (const auto& element : range) out.write_element<typename Range::value_type>(element);
  out.end_array();
}

template <class Map>
void write_object(ValueWriter& out, const Map& map) {
  out.begin_object();
  for (const auto& [name, value] : map) out.write_member(name, value);
  out.end_object();
}

// Decodes the elements one by one into `store(index, element)`.
template <class T, class Store>
bool read_elements(const boost::json::array& array, ValueReader& in, Store store) {
  for (std::size_t i = 0; i < array.size(); ++i) {
    boost::system::result<T> element = in.read_element<T>(array[i], i);
    if (!element) return false;
    store(i, std::move(*element));
  }
  return true;
}

template <class Sequence>
boost::system::result<Sequence> read_sequence(const boost::json::value& json, ValueReader& in) {
  using T = typename Sequence::value_type;
  const boost::json::array* array = json.if_array();
  if (!array) return in.fail("array expected");
  Sequence sequence;
  if constexpr (requires { sequence.reserve(array->size()); }) sequence.reserve(array->size());
  if (!read_elements<T>(*array, in,
                        [&](std::size_t, T&& value) { sequence.push_back(std::move(value)); })) {
    return DecodeFailure{};
  }
  return sequence;
}

template <class Map>
boost::system::result<Map> read_map(const boost::json::value& json, ValueReader& in) {
  using T = typename Map::mapped_type;
  const boost::json::object* object = json.if_object();
  if (!object) return in.fail("object expected");
  Map map;
  for (const auto& member : *object) {
    const std::string_view name(member.key().data(), member.key().size());
    boost::system::result<T> value = in.read<T>(member.value());
    if (!value) {
      in.below_member(name);
      return DecodeFailure{};
    }
    map.emplace(name, std::move(*value));
  }
  return map;
}

template <class T>
bool read_slot(std::optional<T>& slot, const boost::json::value& json, std::size_t index,
               ValueReader& in) {
  boost::system::result<T> value = in.read_element<T>(json, index);
  if (value) slot.emplace(std::move(*value));
  return slot.has_value();
}

// std::pair and std::tuple.
template <class Product, class... Ts, std::size_t... Index>
boost::system::result<Product> read_product(const boost::json::value& json, ValueReader& in,
                                            std::index_sequence<Index...>) {
  const boost::json::array* array = json.if_array();
  if (!array) return in.fail("array expected");
  if (array->size() != sizeof...(Ts)) {
    return in.fail("array of " + std::to_string(sizeof...(Ts)) + " elements expected");
  }
  std::tuple<std::optional<Ts>...> slots;
  if (!(read_slot(std::get<Index>(slots), (*array)[Index], Index, in) && ...))
    return DecodeFailure{};
  return Product(std::move(*std::get<Index>(slots))...);
}

template <class Variant, class T, class... Others>
boost::system::result<Variant> read_alternative(const boost::json::value& json, ValueReader& in) {
  if (boost::system::result<T> value = in.read<T>(json)) {
    return boost::system::result<Variant>(boost::system::result<Variant>::in_place_value,
                                          std::in_place_type<T>, std::move(*value));
  }
  in.forgive();
  if constexpr (sizeof...(Others) > 0) {
    return read_alternative<Variant, Others...>(json, in);
  } else {
    return in.fail("none of the possible types");
  }
}

}  // namespace socketio::detail

namespace socketio {

template <class T>
struct Codec<std::optional<T>> {
  static void encode(ValueWriter& out, const std::optional<T>& value) {
    if (value) {
      out.write(*value);
    } else {
      out.write_raw("null");
    }
  }
  static boost::system::result<std::optional<T>> decode(const boost::json::value& json,
                                                        ValueReader& in) {
    using Result = boost::system::result<std::optional<T>>;
    if (json.is_null()) return Result(Result::in_place_value, std::nullopt);
    boost::system::result<T> value = in.read<T>(json);
    if (!value) return DecodeFailure{};
    return Result(Result::in_place_value, std::move(*value));
  }
};

template <class T, class Allocator>
struct Codec<std::vector<T, Allocator>> {
  static_assert(!std::is_same_v<T, std::byte>,
                "socketio: bytes travel as socketio::Binary, not as std::vector<std::byte>");

  static void encode(ValueWriter& out, const std::vector<T, Allocator>& value) {
    detail::write_array(out, value);
  }
  static auto decode(const boost::json::value& json, ValueReader& in) {
    return detail::read_sequence<std::vector<T, Allocator>>(json, in);
  }
};

template <class T, class Allocator>
struct Codec<std::deque<T, Allocator>> {
  static void encode(ValueWriter& out, const std::deque<T, Allocator>& value) {
    detail::write_array(out, value);
  }
  static auto decode(const boost::json::value& json, ValueReader& in) {
    return detail::read_sequence<std::deque<T, Allocator>>(json, in);
  }
};

template <class T, std::size_t N>
struct Codec<std::array<T, N>> {
  static void encode(ValueWriter& out, const std::array<T, N>& value) {
    detail::write_array(out, value);
  }
  static boost::system::result<std::array<T, N>> decode(const boost::json::value& json,
                                                        ValueReader& in) {
    const boost::json::array* array = json.if_array();
    if (!array) return in.fail("array expected");
    if (array->size() != N) return in.fail("array of " + std::to_string(N) + " elements expected");
    std::array<T, N> value{};
    const auto store = [&](std::size_t index, T&& element) { value[index] = std::move(element); };
    if (!detail::read_elements<T>(*array, in, store)) return DecodeFailure{};
    return value;
  }
};

template <class A, class B>
struct Codec<std::pair<A, B>> {
  static void encode(ValueWriter& out, const std::pair<A, B>& value) {
    out.write(std::tie(value.first, value.second));
  }
  static auto decode(const boost::json::value& json, ValueReader& in) {
    return detail::read_product<std::pair<A, B>, A, B>(json, in, std::index_sequence_for<A, B>{});
  }
};

template <class... Ts>
struct Codec<std::tuple<Ts...>> {
  static void encode(ValueWriter& out, const std::tuple<Ts...>& value) {
    out.begin_array();
    std::apply([&](const auto&... element) { (out.write_element(element), ...); }, value);
    out.end_array();
  }
  static auto decode(const boost::json::value& json, ValueReader& in) {
    return detail::read_product<std::tuple<Ts...>, Ts...>(json, in,
                                                          std::index_sequence_for<Ts...>{});
  }
};

template <class T, class Compare, class Allocator>
struct Codec<std::map<std::string, T, Compare, Allocator>> {
  using Map = std::map<std::string, T, Compare, Allocator>;
  static void encode(ValueWriter& out, const Map& value) { detail::write_object(out, value); }
  static auto decode(const boost::json::value& json, ValueReader& in) {
    return detail::read_map<Map>(json, in);
  }
};

template <class T, class Hash, class Equal, class Allocator>
struct Codec<std::unordered_map<std::string, T, Hash, Equal, Allocator>> {
  using Map = std::unordered_map<std::string, T, Hash, Equal, Allocator>;
  static void encode(ValueWriter& out, const Map& value) { detail::write_object(out, value); }
  static auto decode(const boost::json::value& json, ValueReader& in) {
    return detail::read_map<Map>(json, in);
  }
};

template <class... Ts>
struct Codec<std::variant<Ts...>> {
  static void encode(ValueWriter& out, const std::variant<Ts...>& value) {
    std::visit([&](const auto& alternative) { out.write(alternative); }, value);
  }
  static auto decode(const boost::json::value& json, ValueReader& in) {
    return detail::read_alternative<std::variant<Ts...>, Ts...>(json, in);
  }
};

template <>
struct Codec<std::monostate> {
  static void encode(ValueWriter& out, std::monostate) { out.write_raw("null"); }
  static boost::system::result<std::monostate> decode(const boost::json::value& json,
                                                      ValueReader& in) {
    if (json.is_null()) return std::monostate{};
    return in.fail("null expected");
  }
};

}  // namespace socketio
