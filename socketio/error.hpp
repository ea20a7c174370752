#pragma once

#include <exception>
#include <optional>
#include <string>

#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

namespace socketio {

/// What can go wrong above the network. Messages are those of the JavaScript server where it has
/// one.
enum class Errc {
  timed_out = 1,       ///< no reply came in time: `operation has timed out`
  too_many_acks,       ///< the client owes Limits::outstanding_acks replies already
  too_many_rooms,      ///< the socket is in Limits::rooms_per_socket rooms already
  arguments_mismatch,  ///< arguments, or a reply, don't fit the signature that was given for them
  malformed_packet,    ///< the client sent what is no Socket.IO packet; its connection closes
  rejected_by_middleware,  ///< Socket::use refused the event
  handler_failed,          ///< a handler ended by an exception
};

const boost::system::error_category& error_category() noexcept;
boost::system::error_code make_error_code(Errc code) noexcept;

/// What `on_error` reports about one socket. Nothing of it goes to the client.
struct Error {
  boost::system::error_code code;
  std::string message;     ///< in plain words, one line
  std::string event = {};  ///< the event concerned; empty when there is none
  std::string path =
      {};  ///< the argument concerned, e.g. `[1].author.name`; empty when there is none
  std::optional<boost::json::value> data = {};  ///< what a Reject of Socket::use carries
  std::exception_ptr exception = {};            ///< with `handler_failed`: what the handler threw
};

}  // namespace socketio

template <>
struct boost::system::is_error_code_enum<socketio::Errc> : std::true_type {};
