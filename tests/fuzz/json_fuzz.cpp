// Whatever JSON is accepted prints as JSON that reads and prints as itself; checking without
// building agrees; what Boost.JSON accepts is accepted, but for the limits.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <boost/json/parse.hpp>
#include <boost/json/parse_options.hpp>

#include "engineio/block.hpp"
#include "engineio/detail/utf8.hpp"
#include "socketio/json.hpp"

namespace {

using namespace socketio;

void check(bool condition) {
  if (!condition) std::abort();
}

std::string print(const boost::json::value& value) {
  engineio::BlockBuilder out;
  append_json(out, value);
  return std::string(out.view());
}

// `exact`: the text was UTF-8, as it has to be. Bytes that are not become equal, and keys with
// them.
void check_accepted(const boost::json::value& value, bool exact) {
  const std::string printed = print(value);
  check(engineio::detail::is_valid_utf8(printed));
  const auto again = parse_json(printed);
  check(again.has_value());
  if (exact) check(print(*again) == printed);
}

void check_string(std::string_view text) {
  engineio::BlockBuilder out;
  append_json_string(out, text);
  check(engineio::detail::is_valid_utf8(out.view()));
  const auto read = parse_json(out.view());
  check(read && read->is_string());
  const boost::json::string& back = read->get_string();
  if (engineio::detail::is_valid_utf8(text))
    check(std::string_view(back.data(), back.size()) == text);
}

bool boost_accepts(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = JsonLimits{}.max_depth;
  boost::json::error_code error;
  boost::json::parse(boost::json::string_view(text.data(), text.size()), error, {}, options);
  return !error;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = parse_json(text);
  check(JsonText::parse(std::string(text)).has_value() == value.has_value());
  if (value) check_accepted(*value, engineio::detail::is_valid_utf8(text));
  if (!value && value.error() == JsonError::syntax) check(!boost_accepts(text));
  check_string(text);
  return 0;
}
