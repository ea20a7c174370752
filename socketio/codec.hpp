#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include "engineio/block.hpp"
#include "socketio/binary.hpp"
#include "socketio/json.hpp"

namespace socketio {

/// How a C++ type travels: as JSON, with its binary parts as attachments. The arguments of events
/// and acks go through it.
///
/// There are codecs for
/// - bool, integers, float, double (range-checked when decoding), std::string, std::nullptr_t;
/// - std::string_view and const char* (encoding only);
/// - Binary, at any depth;
/// - std::optional (absent or null), std::vector, std::deque, std::array, std::pair and std::tuple
/// (arrays),
///   std::map and std::unordered_map with string keys (objects), std::variant (the first
///   alternative that fits);
/// - enums described with BOOST_DESCRIBE_ENUM (the enumerator's name) and structs described with
/// BOOST_DESCRIBE_STRUCT:
///   unknown members are ignored, a missing member is an error unless it is optional, empty
///   optionals are not sent;
/// - std::chrono::system_clock time points (range-checked, too): the string that a JavaScript Date
///   becomes, `2026-11-21T09:30:00.000Z`;
/// - boost::json::value, array and object, and JsonText: any JSON, without attachments (Args and
/// RawArgs carry those).
///
/// For a type of your own that none of these fits, specialise it:
/// ```
/// template <>
/// struct socketio::Codec<Colour> {
///   static void encode(ValueWriter& out, const Colour& colour) { out.write(colour.hex()); }
///   static boost::system::result<Colour> decode(const boost::json::value& json, ValueReader& in) {
///     auto hex = in.read<std::string>(json);
///     if (!hex) return hex.error();
///     if (!Colour::is_hex(*hex)) return in.fail("a colour like #ff8800 expected");
///     return Colour(*hex);
///   }
/// };
/// ```
template <class T>
struct Codec;

/// Writes values as JSON text straight into a packet that is being built, and collects the
/// attachments.
class ValueWriter {
 public:
  /// Requires: both outlive the writer.
  ValueWriter(engineio::BlockBuilder& text, std::vector<engineio::Block>& attachments) noexcept
      : text_(text), attachments_(attachments) {}

  /// Writes one value by its type's Codec.
  template <class T>
  void write(const T& value);
  /// Writes `"name":value`, with a comma in front where one is due. To be called between
  /// begin_object and end_object.
  template <class T>
  void write_member(std::string_view name, const T& value);
  /// Writes a value with a comma in front where one is due. To be called between begin_array and
  /// end_array.
  template <class T>
  void write_element(const T& value);

  void begin_object() { text_.push_back('{'); }
  void end_object() { text_.push_back('}'); }
  void begin_array() { text_.push_back('['); }
  void end_array() { text_.push_back(']'); }

  /// Adds an attachment, and writes the placeholder that stands for it.
  void write_binary(const Binary& bytes);
  /// Writes JSON as it is. Requires: one well-formed value.
  void write_raw(std::string_view json) { text_.append(json); }
  /// Writes the comma between two elements or members, unless this will be the first.
  void separate();

  engineio::BlockBuilder& text() noexcept { return text_; }
  std::vector<engineio::Block>& attachments() noexcept { return attachments_; }

 private:
  void write_name(std::string_view name);

  engineio::BlockBuilder& text_;
  std::vector<engineio::Block>& attachments_;
};

/// What ValueReader::fail returns: the error of any result.
struct DecodeFailure {
  template <class T>
  operator boost::system::result<T>() const {
    return boost::system::result<T>(boost::system::result<T>::in_place_error,
                                    make_error_code(JsonError::mismatch));
  }
};

/// Turns parsed JSON into C++ values; knows the packet's attachments, and the place of the first
/// thing that did not fit.
class ValueReader {
 public:
  /// Requires: the attachments outlive the reader. Without any, an object that looks like a
  /// placeholder is just an object.
  explicit ValueReader(std::span<const Binary> attachments = {}) noexcept
      : attachments_(attachments) {}

  /// Decodes one value by its type's Codec.
  template <class T>
  boost::system::result<T> read(const boost::json::value& json) {
    return Codec<T>::decode(json, *this);
  }
  /// Decodes the member `name`; an absent one is an error, or empty if T is an optional.
  template <class T>
  boost::system::result<T> read_member(const boost::json::object& object, std::string_view name);
  /// Decodes `json`, which is the element `index` of an array (for the error's path).
  template <class T>
  boost::system::result<T> read_element(const boost::json::value& json, std::size_t index);

  /// Says what should have been here: `return in.fail("string expected");`.
  DecodeFailure fail(std::string_view expectation);
  /// Says that the failure just reported happened below this member or element.
  void below_member(std::string_view name);
  void below_element(std::size_t index);
  /// Forgets a failure, for a codec that has another way.
  void forgive() noexcept;

  /// The bytes that a placeholder stands for; none if `json` is no placeholder of an attachment.
  const Binary* attachment(const boost::json::value& json) const noexcept;

  /// Where and what: `[0].author: string expected`, where `[0]` is the first argument of the event
  /// or ack.
  std::string error() const;

 private:
  std::span<const Binary> attachments_;
  std::string path_;
  std::string expectation_;
};

/// The attachment that a placeholder object stands for; none if `json` is anything else.
const Binary* find_attachment(const boost::json::value& json,
                              std::span<const Binary> attachments) noexcept;

}  // namespace socketio

#include "socketio/detail/codec_types.hpp"

namespace socketio {

template <class T>
void ValueWriter::write(const T& value) {
  Codec<detail::encoded_t<T>>::encode(*this, value);
}

template <class T>
void ValueWriter::write_member(std::string_view name, const T& value) {
  write_name(name);
  write(value);
}

template <class T>
void ValueWriter::write_element(const T& value) {
  separate();
  write(value);
}

template <class T>
boost::system::result<T> ValueReader::read_member(const boost::json::object& object,
                                                  std::string_view name) {
  const boost::json::value* member = object.if_contains(name);
  boost::system::result<T> result = member ? read<T>(*member) : detail::absent<T>(*this);
  if (!result) below_member(name);
  return result;
}

template <class T>
boost::system::result<T> ValueReader::read_element(const boost::json::value& json,
                                                   std::size_t index) {
  boost::system::result<T> result = read<T>(json);
  if (!result) below_element(index);
  return result;
}

}  // namespace socketio
