#include "socketio/detail/json_parser.hpp"

#include <charconv>
#include <cstdint>
#include <system_error>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

namespace socketio::detail {
namespace {

// A power of two at which so many equal buckets still do no harm.
constexpr std::size_t harmless_power = 128;

// Integers that cannot overflow, which nearly all are.
constexpr std::size_t max_short_integer = 18;

std::int64_t read_short_integer(std::string_view digits) noexcept {
  const bool negative = digits.front() == '-';
  std::int64_t number = 0;
  for (const char c : digits.substr(negative ? 1 : 0)) number = number * 10 + (c - '0');
  return negative ? -number : number;
}

template <class Integer>
bool read_integer(std::string_view digits, Integer& number) noexcept {
  const char* const end = digits.data() + digits.size();
  return std::from_chars(digits.data(), end, number).ec == std::errc{};
}

// Calls `add` with the number as int64, uint64, double, or null if it is none of them.
template <class Add>
void read_number(const JsonNumber& token, Add add) {
  std::int64_t whole = 0;
  std::uint64_t positive = 0;
  const bool minus_zero = token.raw == "-0";
  if (token.integer && !minus_zero && token.raw.size() <= max_short_integer)
    return add(read_short_integer(token.raw));
  if (token.integer && !minus_zero && read_integer(token.raw, whole)) return add(whole);
  if (token.integer && token.raw.front() != '-' && read_integer(token.raw, positive))
    return add(positive);
  if (const auto number = read_json_number(token)) return add(*number);
  add(nullptr);
}

}  // namespace

StackValueBuilder::StackValueBuilder(boost::json::storage_ptr storage)
    : stack_({}, first_values_.data(), first_values_.size()) {
  stack_.reset(std::move(storage));
}

void StackValueBuilder::on_begin(bool, const char*) {
  outer_counts_.push_back(count_ + 1);
  count_ = 0;
}

void StackValueBuilder::on_end(bool object, const char*) {
  stopped_ = stopped_ || (object && count_ > 0 && count_ % harmless_power == 0);
  if (stopped_) return;
  if (object) {
    stack_.push_object(count_);
  } else {
    stack_.push_array(count_);
  }
  count_ = outer_counts_.back();
  outer_counts_.pop_back();
}

void StackValueBuilder::on_key(const JsonString& token) { stack_.push_key(plain(token)); }

void StackValueBuilder::on_string(const JsonString& token) {
  ++count_;
  stack_.push_string(plain(token));
}

void StackValueBuilder::on_number(const JsonNumber& token) {
  ++count_;
  struct Add {
    boost::json::value_stack& stack;
    void operator()(std::int64_t number) { stack.push_int64(number); }
    void operator()(std::uint64_t number) { stack.push_uint64(number); }
    void operator()(double number) { stack.push_double(number); }
    void operator()(std::nullptr_t) { stack.push_null(); }
  };
  read_number(token, Add{stack_});
}

void StackValueBuilder::on_literal(std::string_view word) {
  ++count_;
  if (word == "null") return stack_.push_null();
  stack_.push_bool(word == "true");
}

boost::json::string_view StackValueBuilder::plain(const JsonString& token) {
  if (!token.escaped) return {token.raw.data(), token.raw.size()};
  unescaped_.resize(token.raw.size());
  const char* const end = unescape_json_string(token, unescaped_.data());
  return {unescaped_.data(), static_cast<std::size_t>(end - unescaped_.data())};
}

CarefulValueBuilder::CarefulValueBuilder(boost::json::storage_ptr storage)
    : storage_(std::move(storage)) {}

void CarefulValueBuilder::on_begin(bool, const char*) {
  frames_.push_back(Frame{items_.size(), key_});
  key_ = {};
}

void CarefulValueBuilder::on_end(bool object, const char*) {
  const Frame frame = frames_.back();
  frames_.pop_back();
  boost::json::value container =
      object ? make_object(frame.first_item) : make_array(frame.first_item);
  items_.resize(frame.first_item);
  items_.push_back(Item{frame.key, std::move(container)});
}

void CarefulValueBuilder::on_key(const JsonString& token) {
  key_ = token.raw;
  if (!token.escaped) return;
  char* const copy = static_cast<char*>(pool_.allocate(token.raw.size(), 1));
  key_ = std::string_view(copy, static_cast<std::size_t>(unescape_json_string(token, copy) - copy));
}

void CarefulValueBuilder::on_string(const JsonString& token) {
  if (!token.escaped) return add(boost::json::string_view(token.raw.data(), token.raw.size()));
  boost::json::string text(storage_);
  text.reserve(token.raw.size());
  text.grow(static_cast<std::size_t>(unescape_json_string(token, text.data()) - text.data()));
  add(std::move(text));
}

void CarefulValueBuilder::on_number(const JsonNumber& token) {
  read_number(token, [this](auto number) { add(number); });
}

void CarefulValueBuilder::on_literal(std::string_view word) {
  if (word == "null") return add(nullptr);
  add(word == "true");
}

boost::json::value CarefulValueBuilder::make_array(std::size_t first) {
  boost::json::array array(storage_);
  array.reserve(items_.size() - first);
  for (std::size_t i = first; i < items_.size(); ++i) array.push_back(std::move(items_[i].value));
  boost::json::value value(std::move(array), storage_);
  return value;
}

boost::json::value CarefulValueBuilder::make_object(std::size_t first) {
  boost::json::object object(storage_);
  object.reserve((items_.size() - first) | 1U);
  for (std::size_t i = first; i < items_.size(); ++i) {
    Item& item = items_[i];
    const auto [place, added] = object.emplace(
        boost::json::string_view(item.key.data(), item.key.size()), std::move(item.value));
    if (!added) place->value() = std::move(item.value);
  }
  boost::json::value value(std::move(object), storage_);
  return value;
}

}  // namespace socketio::detail
