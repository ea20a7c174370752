#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "engineio/block.hpp"
#include "socketio/binary.hpp"

namespace socketio::detail {

/// Room for any number as JavaScript prints it: a sign, 17 digits, point, `e-324`, or 21 digits, or
/// `0.000000` and 17 digits.
using NumberText = std::array<char, 32>;

/// Writes a number as JavaScript's String() does, `NaN`, `Infinity` and `-Infinity` among them.
std::string_view format_number(double number, NumberText& text) noexcept;

/// What binary data becomes in JSON: `{"_placeholder":true,"num":<index>}`.
void append_placeholder(engineio::BlockBuilder& out, std::size_t index);

/// How the attachments that values refer to are numbered in the packet that they are written to.
struct AttachmentRange {
  std::span<const Binary> attachments;
  std::size_t first = 0;  ///< the new number of attachments[0]
};

/// append_json for a value whose placeholders refer to `range`.
void append_json(engineio::BlockBuilder& out, const boost::json::value& value,
                 const AttachmentRange& range);
void append_json(engineio::BlockBuilder& out, const boost::json::array& value);
void append_json(engineio::BlockBuilder& out, const boost::json::object& value);

}  // namespace socketio::detail
