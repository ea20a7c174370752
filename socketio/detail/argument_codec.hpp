#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include <boost/json/monotonic_resource.hpp>
#include <boost/system/result.hpp>

#include "socketio/args.hpp"
#include "socketio/codec.hpp"

namespace socketio::detail {

// ---- encoding: the arguments after `["name"`

template <class T>
void write_argument(ValueWriter& out, const T& argument) {
  out.write_element(argument);
}
void write_argument(ValueWriter& out, const Args& arguments);
void write_argument(ValueWriter& out, const RawArgs& arguments);

/// About how long an argument will be as JSON, where that is easy to tell.
template <class T>
std::size_t expected_bytes(const T& argument) noexcept {
  if constexpr (std::is_same_v<T, RawArgs>) {
    return argument.text().size();
  } else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>) {
    return argument.size();
  } else {
    return 0;
  }
}

// ---- decoding: positional arguments to a tuple

/// Stands for a RawArgs parameter in a tuple of decoded arguments: a handler's `const RawArgs&`
/// binds to it without a copy, a `RawArgs` by value copies the bytes.
class RawArgsSlot {
 public:
  explicit RawArgsSlot(const RawArgs::Borrowed& message) noexcept
      : args_(message), message_(message) {}
  RawArgsSlot(const RawArgsSlot& other) noexcept : RawArgsSlot(other.message_) {}
  RawArgsSlot& operator=(const RawArgsSlot&) = delete;
  ~RawArgsSlot() = default;

  operator const RawArgs&() const noexcept { return args_; }

 private:
  RawArgs args_;
  RawArgs::Borrowed message_;
};

template <class T>
using argument_slot_t = std::conditional_t<std::is_same_v<T, RawArgs>, RawArgsSlot, T>;

template <class T>
inline constexpr bool is_dynamic_json =
    std::is_same_v<T, boost::json::value> || std::is_same_v<T, boost::json::array> ||
    std::is_same_v<T, boost::json::object>;

/// Decodes argument `index`. `arena` is for what need not outlive the decoding.
template <class T>
boost::system::result<argument_slot_t<T>> read_argument(const RawArgs& args, std::size_t index,
                                                        ValueReader& in,
                                                        const boost::json::storage_ptr& arena) {
  if constexpr (std::is_same_v<T, RawArgs>) {
    return RawArgsSlot(args.from(index));
  } else if constexpr (std::is_same_v<T, Args>) {
    return RawArgs(args.from(index)).parse();
  } else {
    boost::system::result<T> result = DecodeFailure{};
    if (index >= args.size()) {
      result = absent<T>(in);
    } else if constexpr (std::is_same_v<T, JsonText>) {
      result = JsonText::trusted(std::string(args[index]));
    } else {
      result = in.read<T>(
          parse_valid_json(args[index], is_dynamic_json<T> ? boost::json::storage_ptr{} : arena));
    }
    if (!result) in.below_element(index);
    return result;
  }
}

template <class T>
bool read_into(std::optional<argument_slot_t<T>>& slot, const RawArgs& args, std::size_t index,
               ValueReader& in, const boost::json::storage_ptr& arena) {
  boost::system::result<argument_slot_t<T>> result = read_argument<T>(args, index, in, arena);
  if (!result) return false;
  slot.emplace(std::move(*result));
  return true;
}

template <class... Ts, std::size_t... Index>
boost::system::result<std::tuple<argument_slot_t<Ts>...>> read_arguments(
    const RawArgs& args, ValueReader& in, std::index_sequence<Index...>) {
  std::array<unsigned char, 2048> first_bytes;
  boost::json::monotonic_resource memory(first_bytes.data(), first_bytes.size());
  const boost::json::storage_ptr arena(&memory);
  std::tuple<std::optional<argument_slot_t<Ts>>...> slots;
  if (!(read_into<Ts>(std::get<Index>(slots), args, Index, in, arena) && ...))
    return DecodeFailure{};
  return std::tuple<argument_slot_t<Ts>...>(std::move(*std::get<Index>(slots))...);
}

}  // namespace socketio::detail

namespace socketio {

/// Decodes positional arguments to the types of a handler's parameters (without references), for
/// std::apply.
///
/// Missing arguments are an error, except for trailing optionals; further arguments are ignored.
/// RawArgs and Args take all from their position on, and a RawArgs in the tuple borrows from
/// `args`: see RawArgs. `in` must have been constructed with `args.attachments()`; it tells what
/// was wrong.
template <class... Ts>
boost::system::result<std::tuple<detail::argument_slot_t<Ts>...>> decode_arguments(
    const RawArgs& args, ValueReader& in) {
  return detail::read_arguments<Ts...>(args, in, std::index_sequence_for<Ts...>{});
}

}  // namespace socketio
