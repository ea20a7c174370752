#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engineio/options.hpp"
#include "engineio/request.hpp"
#include "transports/detail/body_reader.hpp"
#include "transports/detail/head_validator.hpp"

namespace engineio::transports {

/// What feeding bytes led to.
enum class HttpEvent : std::uint8_t {
  need_more,  ///< everything given was consumed, unless the request is complete already
  head,       ///< a request's head is there: `take_head`, then say how much body is welcome
  body,       ///< the request is complete: `take_body`; nothing more is consumed until `next`
  error,      ///< see `fault`; the connection is answered and closed, nothing more is consumed
};

/// The first event, and how many of the bytes belong to what led to it.
struct HttpProgress {
  HttpEvent event;
  std::size_t consumed;
};

/// The requests of one HTTP/1 connection: bytes in, requests out, no I/O.
///
/// Each request gives `head` and then, fed on (with nothing, if nothing is there), `body`, which is
/// empty for most:
///
///     feed ──head──► take_head, set_body_limit ──► feed ──body──► take_body ──► next ──► feed …
///        └──error──► fault                            └──error──► fault
///
/// A head is checked strictly (detail::HeadValidator) and then parsed by Beast; both limits of a
/// head are Limits::header_bytes and Limits::header_fields. The same bytes give the same events
/// however they are split. Between requests, and while a head or body comes in one piece, no memory
/// is held.
///
/// One connection's, on its loop.
class HttpCodec {
 public:
  explicit HttpCodec(const Limits& limits) noexcept
      : max_head_bytes_(limits.header_bytes),
        max_head_fields_(limits.header_fields),
        validator_(limits.header_bytes, limits.header_fields) {}

  /// Consumes bytes up to the next event. To be called again with the rest, and once more after
  /// `head` even without any.
  HttpProgress feed(std::string_view bytes);

  /// From `head` on: the request without its peer, `secure` and `time`, which the connection knows.
  Request take_head() noexcept { return std::move(request_); }
  /// From `head` to `next`: the connection may serve another request after this one.
  bool keep_alive() const noexcept { return keep_alive_; }
  /// HTTP/1.0: the answer must say so when the connection stays open.
  bool is_1_0() const noexcept { return !validator_.is_1_1(); }
  /// The client waits for `100 Continue` before it sends the body. Not set when there is no body.
  bool expects_continue() const noexcept { return expects_continue_; }
  /// The declared length of the body; empty when none is declared, also when the body is chunked.
  std::optional<std::uint64_t> content_length() const noexcept {
    return validator_.content_length();
  }
  /// A body follows the head: chunked, or with a length other than 0. If not, `next` may come right
  /// after `head`.
  bool has_body() const noexcept {
    return validator_.chunked() || validator_.content_length().value_or(0) != 0;
  }

  /// How many bytes of body this request may have; over: 413, by what is declared before anything
  /// is read. To be called between `head` and the next feed; without it none may come.
  void set_body_limit(std::size_t bytes) noexcept { max_body_bytes_ = bytes; }
  /// From `head` on: what is still to come of the body is only counted, and not kept.
  void discard_body() noexcept { body_reader_.discard(); }
  /// From `body` on.
  std::string take_body() noexcept { return std::move(body_); }

  /// After `error`.
  const HttpFault& fault() const noexcept { return fault_; }

  /// Makes ready for the connection's next request. Requires: the `body` event, or a head that has
  /// no body.
  void next() noexcept;

 private:
  enum class State : std::uint8_t {
    head,    // the head is incomplete
    body,    // the head was handed out, the body is incomplete
    done,    // the body was handed out
    failed,  // error
  };

  HttpProgress feed_head(std::string_view bytes);
  HttpProgress feed_body(std::string_view bytes);
  HttpProgress end_head(std::string_view head, std::size_t consumed);
  HttpProgress fail(const HttpFault& fault, std::size_t consumed) noexcept;
  bool parse(std::string_view head);

  std::size_t max_head_bytes_;
  std::size_t max_head_fields_;
  std::size_t max_body_bytes_ = 0;
  State state_ = State::head;
  bool keep_alive_ = false;
  bool expects_continue_ = false;
  detail::HeadValidator validator_;
  detail::BodyReader body_reader_;
  std::string partial_head_;
  Request request_;
  std::string body_;
  HttpFault fault_;
};

}  // namespace engineio::transports
