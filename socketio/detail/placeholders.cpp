#include "socketio/detail/placeholders.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "engineio/detail/block_memory.hpp"
#include "socketio/detail/json_scanner.hpp"
#include "socketio/detail/json_writer.hpp"

namespace socketio::detail {
namespace {

struct Placeholder {
  std::string_view text;  ///< the object
  double num = -1;        ///< its member `num`; negative if that is no number
};

/// Gone with the message: from the memory that blocks are made of.
using Placeholders = std::vector<Placeholder, engineio::detail::BlockAllocator<Placeholder>>;

/// Handler of JsonScanner that finds the placeholders of a text.
class PlaceholderFinder {
 public:
  void on_begin(bool object, const char* at);
  void on_end(bool object, const char* after);
  void on_key(const JsonString& token);
  void on_string(const JsonString&) { note(false, -1); }
  void on_number(const JsonNumber& token) { note(false, read_json_number(token).value_or(-1)); }
  void on_literal(std::string_view word) { note(word == "true", -1); }

  Placeholders take_found() noexcept { return std::move(found_); }

 private:
  enum class Key : std::uint8_t { mark, num, other };
  struct Frame {
    const char* begin;
    std::size_t found_before;
    Key key = Key::other;
    bool marked = false;
    double num = -1;
  };

  // Takes a value into account: `true` or not, and its number if it is one.
  void note(bool is_true, double number) noexcept;

  std::vector<Frame, engineio::detail::BlockAllocator<Frame>> frames_;
  Placeholders found_;
};

constexpr std::string_view mark_name = "_placeholder";
constexpr std::string_view num_name = "num";

bool equals(const JsonString& token, std::string_view name) {
  if (!token.escaped) return token.raw == name;
  if (token.raw.size() > 6 * name.size()) return false;
  std::string plain(token.raw.size(), '\0');
  plain.resize(static_cast<std::size_t>(unescape_json_string(token, plain.data()) - plain.data()));
  return plain == name;
}

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

/// The placeholders of a well-formed text.
Placeholders find_placeholders(std::string_view json) {
  PlaceholderFinder finder;
  const JsonLimits unlimited{.max_depth = max_json_depth,
                             .max_number_digits = std::numeric_limits<std::size_t>::max()};
  JsonScanner(json, unlimited, finder).run();
  return finder.take_found();
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
