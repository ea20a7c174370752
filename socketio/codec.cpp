#include "socketio/codec.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "socketio/detail/json_writer.hpp"

namespace socketio {
namespace {

// The index that a placeholder's `num` is; JavaScript knows no difference between 1 and 1.0.
std::optional<std::size_t> index_of(const boost::json::value& num, std::size_t count) noexcept {
  double index = -1;
  if (const auto* whole = num.if_int64()) index = static_cast<double>(*whole);
  if (const auto* number = num.if_double()) index = *number;
  if (!(index >= 0 && index < static_cast<double>(count)) || index != std::floor(index))
    return std::nullopt;
  return static_cast<std::size_t>(index);
}

template <class Wide>
bool whole_number(double number, Wide& result, ValueReader& in) {
  // 2^63 and 2^64 are doubles; the greatest integers below them are not.
  constexpr int bits = std::numeric_limits<Wide>::digits;
  if (std::trunc(number) != number) return in.fail("integer expected"), false;
  if (number < static_cast<double>(std::numeric_limits<Wide>::min()) ||
      number >= std::ldexp(1.0, bits)) {
    return in.fail("integer out of range"), false;
  }
  result = static_cast<Wide>(number);
  return true;
}

template <class Wide>
bool read_wide(const boost::json::value& json, Wide& result, ValueReader& in) {
  const auto narrow = [&](auto number) {
    if (!std::in_range<Wide>(number)) return in.fail("integer out of range"), false;
    result = static_cast<Wide>(number);
    return true;
  };
  if (const auto* number = json.if_int64()) return narrow(*number);
  if (const auto* number = json.if_uint64()) return narrow(*number);
  if (const auto* number = json.if_double()) return whole_number(*number, result, in);
  return in.fail("integer expected"), false;
}

}  // namespace

void ValueWriter::write_binary(const Binary& bytes) {
  detail::append_placeholder(text_, attachments_.size());
  attachments_.push_back(bytes.block());
}

void ValueWriter::separate() {
  const std::string_view text = text_.view();
  // No finished value ends with an opening bracket: this tells without a flag per level.
  if (!text.empty() && text.back() != '[' && text.back() != '{') text_.push_back(',');
}

void ValueWriter::write_name(std::string_view name) {
  separate();
  append_json_string(text_, name);
  text_.push_back(':');
}

DecodeFailure ValueReader::fail(std::string_view expectation) {
  path_.clear();
  expectation_ = expectation;
  return {};
}

void ValueReader::below_member(std::string_view name) { path_.insert(0, name).insert(0, 1, '.'); }

void ValueReader::below_element(std::size_t index) {
  path_.insert(0, "[" + std::to_string(index) + "]");
}

void ValueReader::forgive() noexcept {
  path_.clear();
  expectation_.clear();
}

const Binary* ValueReader::attachment(const boost::json::value& json) const noexcept {
  return find_attachment(json, attachments_);
}

std::string ValueReader::error() const {
  if (path_.empty()) return expectation_;
  return path_ + ": " + expectation_;
}

const Binary* find_attachment(const boost::json::value& json,
                              std::span<const Binary> attachments) noexcept {
  const boost::json::object* object = attachments.empty() ? nullptr : json.if_object();
  if (!object) return nullptr;
  const boost::json::value* mark = object->if_contains("_placeholder");
  const boost::json::value* num = object->if_contains("num");
  if (!mark || !mark->is_bool() || !mark->get_bool() || !num) return nullptr;
  const auto index = index_of(*num, attachments.size());
  return index ? &attachments[*index] : nullptr;
}

void Codec<boost::json::array>::encode(ValueWriter& out, const boost::json::array& value) {
  detail::append_json(out.text(), value);
}

void Codec<boost::json::object>::encode(ValueWriter& out, const boost::json::object& value) {
  detail::append_json(out.text(), value);
}

boost::system::result<JsonText> Codec<JsonText>::decode(const boost::json::value& json,
                                                        ValueReader&) {
  engineio::BlockBuilder text;
  append_json(text, json);
  return JsonText::trusted(std::string(text.view()));
}

namespace detail {

bool read_integer(const boost::json::value& json, std::int64_t& number, ValueReader& in) {
  return read_wide(json, number, in);
}
bool read_integer(const boost::json::value& json, std::uint64_t& number, ValueReader& in) {
  return read_wide(json, number, in);
}

}  // namespace detail
}  // namespace socketio
