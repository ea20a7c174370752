#pragma once

#include <optional>
#include <string>
#include <utility>

#include <boost/json/value.hpp>
#include <boost/variant2/variant.hpp>

namespace socketio {

/// A middleware's consent: the next one decides, and after the last the client is in.
struct Admit {};

/// A middleware's refusal. The client gets a `connect_error` with `message` and, when there is one,
/// `data`:
///
///     return Reject{"not authorised"};
///     return Reject{"banned", {{"until", 1700000000}}};  // data: {until: 1700000000}
struct Reject {
  explicit Reject(std::string why) : message(std::move(why)) {}
  Reject(std::string why, boost::json::value details)
      : message(std::move(why)), data(std::move(details)) {}

  std::string message;
  std::optional<boost::json::value> data;
};

/// What a middleware returns. There is no `next` to forget.
using Admission = boost::variant2::variant<Admit, Reject>;

}  // namespace socketio
