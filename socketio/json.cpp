#include "socketio/json.hpp"

#include <limits>
#include <optional>

#include <boost/system/error_category.hpp>

#include "socketio/codec.hpp"
#include "socketio/detail/json_parser.hpp"
#include "socketio/detail/json_scanner.hpp"

namespace socketio {
namespace {

#if defined(__GNUC__)
// Boost's base class has no virtual destructor, on purpose: categories are never deleted.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
#endif
class JsonCategory final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "socketio.json"; }
  std::string message(int value) const override {
    switch (static_cast<JsonError>(value)) {
      case JsonError::syntax: return "malformed JSON";
      case JsonError::too_deep: return "JSON is nested too deep";
      case JsonError::number_too_long: return "number in JSON has too many digits";
      case JsonError::mismatch: return "JSON of another shape than expected";
    }
    return "unknown error";
  }
};
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

// Checks without building anything.
struct NullHandler {
  void on_begin(bool, const char*) noexcept {}
  void on_end(bool, const char*) noexcept {}
  void on_key(const detail::JsonString&) noexcept {}
  void on_string(const detail::JsonString&) noexcept {}
  void on_number(const detail::JsonNumber&) noexcept {}
  void on_literal(std::string_view) noexcept {}
};

}  // namespace

boost::system::error_code make_error_code(JsonError error) noexcept {
  static const JsonCategory category;
  return {static_cast<int>(error), category};
}

boost::system::result<boost::json::value> parse_json(std::string_view text,
                                                     const JsonLimits& limits,
                                                     boost::json::storage_ptr storage) {
  using Result = boost::system::result<boost::json::value>;
  detail::StackValueBuilder builder(storage);
  const auto error = detail::JsonScanner(text, limits, builder).run();
  if (error) return {Result::in_place_error, make_error_code(*error)};
  if (!builder.stopped()) return {Result::in_place_value, builder.release()};
  detail::CarefulValueBuilder careful(std::move(storage));
  detail::JsonScanner(text, limits, careful).run();
  return {Result::in_place_value, careful.release()};
}

boost::system::result<JsonText> JsonText::parse(std::string text, const JsonLimits& limits) {
  NullHandler handler;
  const auto error = detail::JsonScanner(std::string_view(text), limits, handler).run();
  if (error) return make_error_code(*error);
  return JsonText(std::move(text));
}

boost::json::value JsonText::value() const { return detail::parse_valid_json(text_, {}); }

namespace detail {

boost::json::value parse_valid_json(std::string_view text, boost::json::storage_ptr storage) {
  const JsonLimits unlimited{.max_depth = max_json_depth,
                             .max_number_digits = std::numeric_limits<std::size_t>::max()};
  auto value = parse_json(text, unlimited, std::move(storage));
  return value ? std::move(*value) : boost::json::value();
}

}  // namespace detail
}  // namespace socketio
