#include "socketio/detail/json_writer.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <vector>

#include "socketio/codec.hpp"
#include "socketio/detail/json_scanner.hpp"
#include "socketio/json.hpp"

namespace socketio {
namespace detail {
namespace {

constexpr std::string_view lower_hex = "0123456789abcdef";

std::string_view view_of(const boost::json::string& text) noexcept {
  return {text.data(), text.size()};
}
std::string_view view_of(boost::json::string_view text) noexcept {
  return {text.data(), text.size()};
}

void append_u_escape(engineio::BlockBuilder& out, unsigned code) {
  char* const at = out.extend(6);
  at[0] = '\\';
  at[1] = 'u';
  for (unsigned i = 0; i < 4; ++i) at[2 + i] = lower_hex[code >> (12 - 4 * i) & 0xf];
}

// What JSON.stringify makes of a quote, a backslash or a control character.
void append_escape(engineio::BlockBuilder& out, char c) {
  switch (c) {
    case '"': return out.append("\\\"");
    case '\\': return out.append("\\\\");
    case '\b': return out.append("\\b");
    case '\t': return out.append("\\t");
    case '\n': return out.append("\\n");
    case '\f': return out.append("\\f");
    case '\r': return out.append("\\r");
    default: append_u_escape(out, static_cast<unsigned char>(c));
  }
}

struct Sequence {
  std::size_t size = 1;    // bytes that belong together
  bool good = false;       // UTF-8
  unsigned surrogate = 0;  // the lone surrogate that three bytes of WTF-8 stand for
};

bool is_continuation(char c) noexcept { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// Looks at the bytes from `at` on, of which the first is beyond ASCII (Unicode 15, table 3-7).
Sequence classify(const char* at, const char* end) noexcept {
  const auto byte = [&](int i) { return static_cast<unsigned>(static_cast<unsigned char>(at[i])); };
  const unsigned lead = byte(0);
  if (lead < 0xc2 || lead > 0xf4) return {};
  const std::size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (static_cast<std::size_t>(end - at) < size) return {};
  for (std::size_t i = 1; i < size; ++i) {
    if (!is_continuation(at[i])) return {};
  }
  const unsigned second = byte(1);
  if ((lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90) ||
      (lead == 0xf4 && second > 0x8f))
    return {};
  if (lead == 0xed && second >= 0xa0) {
    return {.size = 3, .surrogate = 0xd000 | (second & 0x3f) << 6 | (byte(2) & 0x3f)};
  }
  return {.size = size, .good = true};
}

// Where the copying of characters as they are has to stop, from `at` on.
const char* skip_copyable(const char* at, const char* end) noexcept {
  for (;;) {
    at = find_string_unplain(at, end);
    if (at == end || static_cast<unsigned char>(*at) < 0x80) return at;
    const Sequence sequence = classify(at, end);
    if (!sequence.good) return at;
    at += sequence.size;
  }
}

// A string literal of which some characters cannot be copied.
void append_escaped(engineio::BlockBuilder& out, const char* at, const char* end) {
  out.push_back('"');
  while (at != end) {
    const char* const stop = skip_copyable(at, end);
    out.append(std::string_view(at, static_cast<std::size_t>(stop - at)));
    at = stop;
    if (at == end) break;
    if (static_cast<unsigned char>(*at) < 0x80) {
      append_escape(out, *at++);
      continue;
    }
    const Sequence sequence = classify(at, end);
    if (sequence.surrogate != 0) {
      append_u_escape(out, sequence.surrogate);
    } else {
      out.append("\xef\xbf\xbd");
    }
    at += sequence.size;
  }
  out.push_back('"');
}

// Walks over a value with a stack of its own, since a program may have built any depth.
class ValuePrinter {
 public:
  ValuePrinter(engineio::BlockBuilder& out, const AttachmentRange* range) noexcept
      : out_(out), range_(range) {}

  void print(const boost::json::value& value) {
    begin(value);
    run();
  }
  void print(const boost::json::array& array) {
    open(array);
    run();
  }
  void print(const boost::json::object& object) {
    open(object);
    run();
  }

 private:
  // A container of which the values before `next` are printed. One of the pairs is null.
  struct Frame {
    const boost::json::value* element;
    const boost::json::value* last_element;
    const boost::json::key_value_pair* member;
    const boost::json::key_value_pair* last_member;
    bool first = true;
  };

  void run() {
    while (!frames_.empty()) step();
  }

  void step() {
    Frame& frame = frames_.back();
    const bool object = frame.last_member != nullptr;
    if (object ? frame.member == frame.last_member : frame.element == frame.last_element) {
      out_.push_back(object ? '}' : ']');
      frames_.pop_back();
      return;
    }
    if (!frame.first) out_.push_back(',');
    frame.first = false;
    if (!object) return begin(*frame.element++);
    const boost::json::key_value_pair& member = *frame.member++;
    append_json_string(out_, view_of(member.key()));
    out_.push_back(':');
    begin(member.value());
  }

  void open(const boost::json::array& array) {
    out_.push_back('[');
    frames_.push_back(Frame{array.data(), array.data() + array.size(), nullptr, nullptr});
  }

  void open(const boost::json::object& object) {
    if (object.empty()) return out_.append("{}");
    out_.push_back('{');
    frames_.push_back(Frame{nullptr, nullptr, object.begin(), object.end()});
  }

  void begin(const boost::json::value& value) {
    switch (value.kind()) {
      case boost::json::kind::null: return out_.append("null");
      case boost::json::kind::bool_: return out_.append(value.get_bool() ? "true" : "false");
      case boost::json::kind::int64: return append_json_number(out_, value.get_int64());
      case boost::json::kind::uint64: return append_json_number(out_, value.get_uint64());
      case boost::json::kind::double_: return append_json_number(out_, value.get_double());
      case boost::json::kind::string: return append_json_string(out_, view_of(value.get_string()));
      case boost::json::kind::array: return open(value.get_array());
      case boost::json::kind::object: break;
    }
    if (range_) {
      if (const Binary* bytes = find_attachment(value, range_->attachments)) {
        const auto index = static_cast<std::size_t>(bytes - range_->attachments.data());
        return append_placeholder(out_, range_->first + index);
      }
    }
    open(value.get_object());
  }

  engineio::BlockBuilder& out_;
  const AttachmentRange* range_;
  std::array<std::byte, 1024> first_bytes_;
  std::pmr::monotonic_buffer_resource pool_{first_bytes_.data(), first_bytes_.size()};
  std::pmr::vector<Frame> frames_{&pool_};
};

// The shortest digits of a number, without a point, and where the point belongs.
struct Decimal {
  std::array<char, 20> digits;
  int count = 0;
  int point = 0;  // the number is 0.DIGITS times 10 to this
};

template <class Float>
Decimal shortest_decimal(Float positive) noexcept {
  std::array<char, 32> text;
  const char* const end =
      std::to_chars(text.data(), text.data() + text.size(), positive, std::chars_format::scientific)
          .ptr;
  Decimal decimal;
  const char* at = text.data();
  for (; *at != 'e'; ++at) {
    if (*at != '.') decimal.digits[static_cast<std::size_t>(decimal.count++)] = *at;
  }
  ++at;
  if (*at == '+') ++at;  // from_chars takes a minus only
  std::from_chars(at, end, decimal.point);
  ++decimal.point;
  return decimal;
}

char* put(std::string_view text, char* at) noexcept {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

char* put_zeros(int count, char* at) noexcept {
  std::memset(at, '0', static_cast<std::size_t>(count));
  return at + count;
}

// ECMAScript, Number::toString: its n is `point`, its k `count`.
char* lay_out(const Decimal& decimal, char* at) noexcept {
  const int point = decimal.point;
  const std::string_view digits(decimal.digits.data(), static_cast<std::size_t>(decimal.count));
  if (decimal.count <= point && point <= 21)
    return put_zeros(point - decimal.count, put(digits, at));
  if (0 < point && point <= 21) {
    const auto whole = static_cast<std::size_t>(point);
    return put(digits.substr(whole), put(".", put(digits.substr(0, whole), at)));
  }
  if (-6 < point && point <= 0) return put(digits, put_zeros(-point, put("0.", at)));
  at = put(digits.substr(0, 1), at);
  if (digits.size() > 1) at = put(digits.substr(1), put(".", at));
  at = put(point > 0 ? "e+" : "e-", at);
  return std::to_chars(at, at + 4, std::abs(point - 1)).ptr;
}

template <class Float>
std::string_view format_finite(Float number, NumberText& text) noexcept {
  char* at = text.data();
  if (number < 0) *at++ = '-';
  constexpr Float exact_integers = 9007199254740992.0;  // 2^53
  const Float positive = std::abs(number);
  char* const end =
      positive < exact_integers && std::trunc(positive) == positive && std::is_same_v<Float, double>
          ? std::to_chars(at, text.data() + text.size(), static_cast<std::int64_t>(positive)).ptr
          : lay_out(shortest_decimal(positive), at);
  return {text.data(), static_cast<std::size_t>(end - text.data())};
}

template <class Number>
void append_integer(engineio::BlockBuilder& out, Number number) {
  std::array<char, 24> text;
  const char* const end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  out.append(std::string_view(text.data(), static_cast<std::size_t>(end - text.data())));
}

}  // namespace

std::string_view format_number(double number, NumberText& text) noexcept {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  return format_finite(number, text);
}

void append_placeholder(engineio::BlockBuilder& out, std::size_t index) {
  out.append(R"({"_placeholder":true,"num":)");
  append_integer(out, index);
  out.push_back('}');
}

void append_json(engineio::BlockBuilder& out, const boost::json::value& value,
                 const AttachmentRange& range) {
  ValuePrinter(out, range.attachments.empty() ? nullptr : &range).print(value);
}
void append_json(engineio::BlockBuilder& out, const boost::json::array& value) {
  ValuePrinter(out, nullptr).print(value);
}
void append_json(engineio::BlockBuilder& out, const boost::json::object& value) {
  ValuePrinter(out, nullptr).print(value);
}

}  // namespace detail

void append_json(engineio::BlockBuilder& out, const boost::json::value& value) {
  detail::ValuePrinter(out, nullptr).print(value);
}

void append_json_string(engineio::BlockBuilder& out, std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  if (detail::skip_copyable(at, end) != end) return detail::append_escaped(out, at, end);
  char* const literal = out.extend(text.size() + 2);
  literal[0] = '"';
  text.copy(literal + 1, text.size());
  literal[text.size() + 1] = '"';
}
void append_json_number(engineio::BlockBuilder& out, double number) {
  detail::NumberText text;
  out.append(std::isfinite(number) ? detail::format_finite(number, text) : "null");
}
void append_json_number(engineio::BlockBuilder& out, float number) {
  detail::NumberText text;
  out.append(std::isfinite(number) ? detail::format_finite(number, text) : "null");
}
void append_json_number(engineio::BlockBuilder& out, std::int64_t number) {
  detail::append_integer(out, number);
}
void append_json_number(engineio::BlockBuilder& out, std::uint64_t number) {
  detail::append_integer(out, number);
}

}  // namespace socketio
