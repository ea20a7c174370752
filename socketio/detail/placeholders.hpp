#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "engineio/block.hpp"
#include "engineio/detail/block_memory.hpp"
#include "socketio/detail/json_scanner.hpp"

namespace socketio::detail {

/// An object that stands for an attachment, in a JSON text.
struct Placeholder {
  std::string_view text;  ///< the object
  double num = -1;        ///< its member `num`; negative if that is no number
};

/// Gone with the message: from the memory that blocks are made of.
using Placeholders = std::vector<Placeholder, engineio::detail::BlockAllocator<Placeholder>>;

/// Handler of JsonScanner that finds the placeholders of a text: objects with
/// `"_placeholder":true`. As in the reference, other members do not matter, and what is inside of
/// such an object stands for nothing.
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

/// The placeholders of a well-formed text.
Placeholders find_placeholders(std::string_view json);

/// Whether every placeholder in `json` refers to one of `count` attachments. Requires: well-formed.
bool placeholders_fit(std::string_view json, std::size_t count);

/// Appends `json` with null for every placeholder that refers to none of `count` attachments.
void append_without_misfits(engineio::BlockBuilder& out, std::string_view json, std::size_t count);

/// Appends `json` with `first` added to the number of every placeholder. Requires:
/// placeholders_fit.
void append_renumbered(engineio::BlockBuilder& out, std::string_view json, std::size_t first);

}  // namespace socketio::detail
