#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include <gtest/gtest.h>

#include "engineio/block.hpp"
#include "socketio/json.hpp"

namespace socketio {

inline std::string print(const boost::json::value& value) {
  engineio::BlockBuilder out;
  append_json(out, value);
  return std::string(out.view());
}

inline boost::json::value parsed(std::string_view text, const JsonLimits& limits = {}) {
  auto value = parse_json(text, limits);
  if (!value) {
    ADD_FAILURE() << text << ": " << value.error().message();
    return nullptr;
  }
  return *value;
}

inline std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

}  // namespace socketio
