#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "engineio/request.hpp"

namespace socketio {

/// How a client came in: the HTTP request that opened its connection, and what it sent when it
/// joined the namespace
/// (`auth`). What `socket.handshake` is in JavaScript, member for member.
///
/// Immutable; may be read from any thread. Returned views and references live as long as the
/// Handshake.
class Handshake {
 public:
  Handshake(std::shared_ptr<const engineio::Request> request, boost::json::object auth,
            std::chrono::system_clock::time_point time);

  /// The request as it came, e.g. to look at header fields one by one.
  const engineio::Request& request() const noexcept { return *request_; }

  /// The value of one header field, the name in any case; empty when it is absent. Repeated fields
  /// are joined as Node does: see headers().
  std::string header(std::string_view name) const;
  /// All header fields, names in lower case. Repeated ones are joined by ", " (`cookie`: by "; "),
  /// `set-cookie` is an array, and of those that make sense once (`host`, `authorization`,
  /// `content-type` …) the first counts.
  boost::json::object headers() const;

  /// When the client joined, as JavaScript prints a Date, e.g. "Fri Nov 20 2026 23:24:35 GMT+0000
  /// (Coordinated Universal Time)"; always in UTC.
  std::string time() const;
  /// The same in milliseconds since 1970.
  std::int64_t issued() const noexcept;
  /// The client's IP address; IPv4 on a dual-stack socket shows as ::ffff:a.b.c.d.
  const std::string& address() const noexcept { return request_->remote_address; }
  /// The request came from a web page of (possibly) another origin: it had an Origin header.
  bool xdomain() const noexcept { return request_->has_header("origin"); }
  /// The request came over TLS.
  bool secure() const noexcept { return request_->secure; }

  /// Path and query of the request, byte for byte. It holds the protocol's own parameters, of which
  /// `t` differs for every client: to find those who look at the same page, use room_url().
  const std::string& url() const noexcept { return request_->target; }
  /// url() without the protocol's own parameters (EIO, transport, t, sid, j, b64): the rest in its
  /// order, as sent.
  /// `/socket.io/?EIO=4&page=%2Fa&transport=polling&t=x` gives `/socket.io/?page=%2Fa`; without any
  /// rest, `/socket.io/`.
  std::string room_url() const;
  /// The parameters of url(), decoded, the protocol's own included.
  const engineio::Query& query() const noexcept { return request_->query; }

  /// What the client gave as `auth`; an empty object if nothing.
  const boost::json::object& auth() const noexcept { return auth_; }
  /// The member `name` of auth() if it is a string; empty when it is absent or of another type.
  std::string_view auth_field(std::string_view name) const noexcept;

  /// The whole as JavaScript shows it: headers, time, address, xdomain, secure, issued, url, query,
  /// auth.
  boost::json::object to_json() const;

 private:
  std::shared_ptr<const engineio::Request> request_;
  boost::json::object auth_;
  std::chrono::system_clock::time_point time_;
};

}  // namespace socketio
