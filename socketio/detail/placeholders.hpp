#pragma once

#include <cstddef>
#include <string_view>

#include "engineio/block.hpp"

namespace socketio::detail {

// A placeholder is an object of a JSON text that stands for an attachment: `"_placeholder":true`,
// and its number `num`. As in the reference, other members do not matter, and what is inside of
// such an object stands for nothing.

/// Whether every placeholder in `json` refers to one of `count` attachments. Requires: well-formed.
bool placeholders_fit(std::string_view json, std::size_t count);

/// Appends `json` with null for every placeholder that refers to none of `count` attachments.
void append_without_misfits(engineio::BlockBuilder& out, std::string_view json, std::size_t count);

/// Appends `json` with `first` added to the number of every placeholder. Requires:
/// placeholders_fit.
void append_renumbered(engineio::BlockBuilder& out, std::string_view json, std::size_t first);

}  // namespace socketio::detail
