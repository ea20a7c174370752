#include "socketio/detail/placeholders.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "socketio/detail/json_writer.hpp"

namespace socketio::detail {
namespace {

constexpr std::string_view mark_name = "_placeholder";
constexpr std::string_view num_name = "num";

bool equals(const JsonString& token, std::string_view name) {
  if (!token.escaped) return token.raw == name;
  if (token.raw.size() > 6 * name.size()) return false;
  std::string plain(token.raw.size(), '\0');
  plain.resize(static_cast<std::size_t>(unescape_json_string(token, plain.data()) - plain.data()));
  return plain == name;
}

bool fits(const Placeholder& placeholder, std::size_t count) noexcept {
  const double num = placeholder.num;
  return num >= 0 && num < static_cast<double>(count) && num == std::floor(num);
}

// Appends `json`; `replace(placeholder)` appends what comes in place of a placeholder.
template <class Replace>
void append_replaced(engineio::BlockBuilder& out, std::string_view json, Replace replace) {
  std::size_t copied = 0;
  for (const Placeholder& placeholder : find_placeholders(json)) {
    const auto begin = static_cast<std::size_t>(placeholder.text.data() - json.data());
    out.append(json.substr(copied, begin - copied));
    replace(placeholder);
    copied = begin + placeholder.text.size();
  }
  out.append(json.substr(copied));
}

}  // namespace

void PlaceholderFinder::on_begin(bool, const char* at) {
  note(false, -1);
  frames_.push_back(Frame{at, found_.size()});
}

void PlaceholderFinder::on_end(bool, const char* after) {
  const Frame frame = frames_.back();
  frames_.pop_back();
  if (!frame.marked) return;
  found_.resize(frame.found_before);
  found_.push_back(
      {std::string_view(frame.begin, static_cast<std::size_t>(after - frame.begin)), frame.num});
}

void PlaceholderFinder::on_key(const JsonString& token) {
  frames_.back().key = equals(token, mark_name)  ? Key::mark
                       : equals(token, num_name) ? Key::num
                                                 : Key::other;
}

void PlaceholderFinder::note(bool is_true, double number) noexcept {
  if (frames_.empty()) return;
  Frame& frame = frames_.back();
  if (frame.key == Key::mark) frame.marked = is_true;
  if (frame.key == Key::num) frame.num = number;
}

Placeholders find_placeholders(std::string_view json) {
  PlaceholderFinder finder;
  const JsonLimits unlimited{.max_depth = max_json_depth,
                             .max_number_digits = std::numeric_limits<std::size_t>::max()};
  JsonScanner(json, unlimited, finder).run();
  return finder.take_found();
}

bool placeholders_fit(std::string_view json, std::size_t count) {
  const auto found = find_placeholders(json);
  return std::all_of(found.begin(), found.end(),
                     [&](const Placeholder& placeholder) { return fits(placeholder, count); });
}

void append_without_misfits(engineio::BlockBuilder& out, std::string_view json, std::size_t count) {
  append_replaced(out, json, [&](const Placeholder& placeholder) {
    out.append(fits(placeholder, count) ? placeholder.text : "null");
  });
}

void append_renumbered(engineio::BlockBuilder& out, std::string_view json, std::size_t first) {
  append_replaced(out, json, [&](const Placeholder& placeholder) {
    append_placeholder(out, first + static_cast<std::size_t>(placeholder.num));
  });
}

}  // namespace socketio::detail
