#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "socketio/json.hpp"

namespace socketio::detail {

/// A string literal's characters, between the quotes and still escaped.
struct JsonString {
  std::string_view raw;
  bool escaped = false;  ///< has at least one backslash
};

/// A number's text.
struct JsonNumber {
  std::string_view raw;
  bool integer = false;       ///< no fraction, no exponent
  bool may_overflow = false;  ///< has an exponent or over 300 digits: perhaps no finite double
};

/// The first character from `at` on that ends or interrupts a string literal (quote, backslash,
/// control character), or `end`.
const char* find_string_special(const char* at, const char* end) noexcept;
/// The first character from `at` on that cannot be copied into a string literal unseen: those, and
/// any beyond ASCII.
const char* find_string_unplain(const char* at, const char* end) noexcept;

/// Reads a string literal, `at` being its opening quote. Null: malformed. Otherwise where it ends.
const char* scan_json_string(const char* at, const char* end, JsonString& token) noexcept;

/// Reads a number, `at` being its first character; `digits` counts its digits. Null: malformed.
/// Otherwise where it ends.
const char* scan_json_number(const char* at, const char* end, JsonNumber& token,
                             std::size_t& digits) noexcept;

/// Writes the characters of `token` without escapes; lone surrogates become WTF-8. `out` has room
/// for `token.raw.size()` bytes. Returns the end of what was written.
char* unescape_json_string(const JsonString& token, char* out) noexcept;

/// The number's value, correctly rounded; none if that is no finite double.
std::optional<double> read_json_number(const JsonNumber& token) noexcept;

/// Goes once through a JSON text, checks it against RFC 8259 (as `JSON.parse` does: no BOM, nothing
/// behind the value) and the limits, and reports what it meets. Never recursive; allocates nothing.
///
/// `Handler` has
///   on_begin(bool object, const char* at)      an opening bracket
///   on_end(bool object, const char* after)     its closing bracket
///   on_key(const JsonString&)                  the name of the next value, in an object
///   on_string(const JsonString&), on_number(const JsonNumber&)
///   on_literal(std::string_view)               true, false, null
template <class Handler>
class JsonScanner {
 public:
  JsonScanner(std::string_view text, const JsonLimits& limits, Handler& handler) noexcept
      : at_(text.data()),
        end_(text.data() + text.size()),
        max_depth_(std::min(limits.max_depth, max_json_depth)),
        max_digits_(limits.max_number_digits),
        handler_(handler) {}

  /// Reads the whole text. Returns why it was refused, or nothing.
  std::optional<JsonError> run() {
    skip_space();
    bool good = value();
    while (good && depth_ > 0) good = step();
    if (!good) return error_;
    skip_space();
    if (at_ != end_) return JsonError::syntax;
    return std::nullopt;
  }

 private:
  void skip_space() noexcept {
    while (at_ != end_ && static_cast<unsigned char>(*at_) <= ' ') {
      if (*at_ != ' ' && *at_ != '\n' && *at_ != '\r' && *at_ != '\t') return;
      ++at_;
    }
  }

  bool fail(JsonError error) noexcept {
    error_ = error;
    return false;
  }

  // The next member, element or closing bracket of the innermost container.
  bool step() {
    skip_space();
    if (at_ == end_) return false;
    const char closing = closing_[depth_ - 1];
    if (*at_ == closing) {
      --depth_;
      just_opened_ = false;
      handler_.on_end(closing == '}', ++at_);
      return true;
    }
    if (!just_opened_) {
      if (*at_ != ',') return false;
      ++at_;
      skip_space();
    }
    just_opened_ = false;
    return (closing == ']' || key()) && value();
  }

  bool key() {
    if (at_ == end_ || *at_ != '"') return false;
    JsonString token;
    at_ = scan_json_string(at_, end_, token);
    if (!at_) return false;
    handler_.on_key(token);
    skip_space();
    if (at_ == end_ || *at_ != ':') return false;
    ++at_;
    skip_space();
    return true;
  }

  bool value() {
    if (at_ == end_) return false;
    switch (*at_) {
      case '"': return string();
      case '{': return open('}');
      case '[': return open(']');
      case 't': return literal("true");
      case 'f': return literal("false");
      case 'n': return literal("null");
      default: return number();
    }
  }

  bool open(char closing) {
    if (depth_ == max_depth_) return fail(JsonError::too_deep);
    closing_[depth_++] = closing;
    just_opened_ = true;
    handler_.on_begin(closing == '}', at_++);
    return true;
  }

  bool string() {
    JsonString token;
    at_ = scan_json_string(at_, end_, token);
    if (!at_) return false;
    handler_.on_string(token);
    return true;
  }

  bool number() {
    JsonNumber token;
    std::size_t digits = 0;
    at_ = scan_json_number(at_, end_, token, digits);
    if (!at_) return false;
    if (digits > max_digits_) return fail(JsonError::number_too_long);
    handler_.on_number(token);
    return true;
  }

  bool literal(std::string_view word) {
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word))
      return false;
    handler_.on_literal(std::string_view(at_, word.size()));
    at_ += word.size();
    return true;
  }

  const char* at_;  // null after a malformed token
  const char* end_;
  std::size_t max_depth_;
  std::size_t max_digits_;
  Handler& handler_;
  std::size_t depth_ = 0;
  bool just_opened_ = false;
  JsonError error_ = JsonError::syntax;
  std::array<char, max_json_depth> closing_;  // the bracket that each open container waits for
};

/// What a JSON text is at its top.
enum class JsonShape : std::uint8_t { object, array, string, number, literal };

/// Notes where the elements of the outermost array are, and what the first of them is.
class ElementRecorder {
 public:
  explicit ElementRecorder(std::vector<std::string_view>& elements) noexcept
      : elements_(elements) {}

  JsonShape shape() const noexcept { return shape_; }
  /// What the first element is; meaningless without one.
  JsonShape first_shape() const noexcept { return first_shape_; }
  const JsonString& first_string() const noexcept { return first_string_; }
  const JsonNumber& first_number() const noexcept { return first_number_; }
  /// Some number is too big for a double.
  bool overflow() const noexcept { return overflow_; }

  void on_begin(bool object, const char* at) noexcept {
    const JsonShape shape = object ? JsonShape::object : JsonShape::array;
    if (depth_ == 0) {
      shape_ = shape;
      // Below an outermost object nothing is an element.
      depth_ = object ? not_elements : 1;
      return;
    }
    if (depth_++ != 1) return;
    begin_ = at;
    note_first(shape);
  }
  void on_end(bool, const char* after) {
    if (--depth_ == 1) elements_.emplace_back(begin_, static_cast<std::size_t>(after - begin_));
  }
  void on_key(const JsonString&) noexcept {}
  void on_string(const JsonString& token) {
    if (depth_ > 1) return;
    if (elements_.empty()) first_string_ = token;
    scalar(JsonShape::string, std::string_view(token.raw.data() - 1, token.raw.size() + 2));
  }
  void on_number(const JsonNumber& token) {
    if (token.may_overflow && !read_json_number(token)) overflow_ = true;
    if (depth_ > 1) return;
    if (elements_.empty()) first_number_ = token;
    scalar(JsonShape::number, token.raw);
  }
  void on_literal(std::string_view word) {
    if (depth_ <= 1) scalar(JsonShape::literal, word);
  }

 private:
  static constexpr std::size_t not_elements = std::size_t{1} << 32;

  void note_first(JsonShape shape) noexcept {
    if (elements_.empty()) first_shape_ = shape;
  }
  void scalar(JsonShape shape, std::string_view text) {
    if (depth_ == 0) {
      shape_ = shape;
      return;
    }
    note_first(shape);
    elements_.push_back(text);
  }

  std::vector<std::string_view>& elements_;
  std::size_t depth_ = 0;
  const char* begin_ = nullptr;
  JsonShape shape_ = JsonShape::literal;
  JsonShape first_shape_ = JsonShape::literal;
  bool overflow_ = false;
  JsonString first_string_;
  JsonNumber first_number_;
};

}  // namespace socketio::detail
