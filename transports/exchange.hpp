#pragma once

#include <memory>
#include <span>
#include <string>

#include "engineio/block.hpp"
#include "engineio/request.hpp"
#include "transports/connection.hpp"
#include "transports/http_response.hpp"

namespace engineio::transports {

class Exchange;
class HttpStage;

/// Who waits for what becomes of a request: a long-polling transport. Calls come on the
/// connection's loop.
class ExchangeOwner {
 public:
  /// The body is complete.
  virtual void on_body(Exchange& exchange, std::string body) = 0;
  /// The body was too large and 413 was answered; the exchange is over.
  virtual void on_body_refused(Exchange& exchange) = 0;
  /// The client gave up, or was too slow, before the answer had left; the exchange is over.
  virtual void on_abandoned(Exchange& exchange) = 0;
  /// The answer has been handed to the network; the exchange is over.
  virtual void on_answer_left(Exchange& exchange) = 0;

 protected:
  ~ExchangeOwner() = default;
};

/// One HTTP request and its one answer, which may come much later: a parked poll is an exchange
/// that is kept.
///
/// Shared by the connection's HttpStage and whoever will answer. It is over when the answer has
/// left, or the connection is gone. Everything on the connection's loop; a second answer is
/// ignored, and so is what comes after the end.
class Exchange {
 public:
  Exchange(HttpStage& stage, Connection& connection, std::shared_ptr<const Request> request)
      : stage_(&stage), connection_(connection), request_(std::move(request)) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  const Request& request() const noexcept { return *request_; }
  const std::shared_ptr<const Request>& shared_request() const noexcept { return request_; }
  /// Not answered, and the client still there.
  bool pending() const noexcept { return stage_ != nullptr && !answered_; }
  /// The connection, which also tells the loop. Requires: pending().
  Connection& connection() noexcept { return connection_; }

  /// A body follows the head and has not come yet.
  bool body_expected() const noexcept;
  /// Bytes of the answer, with all else on the connection, that the network has not taken.
  std::size_t unsent_bytes() const noexcept;

  /// Names who is told what becomes of the request. Null: nobody any more.
  void set_owner(ExchangeOwner* owner) noexcept { owner_ = owner; }
  /// Asks for the body: the owner's on_body is called, maybe at once.
  void read_body();

  void respond(const HttpResponse& response) { respond(response, {}); }
  /// Answers with `payload`, joined by U+001E, as the body; the response's own body is not used
  /// then.
  void respond(const HttpResponse& response, std::span<const Block> payload);
  /// Answers with this head of a 101, whose fields must be valid, and goes on with `stage` on the
  /// same connection. Requires: no body expected.
  void upgrade(const HttpResponse& response, std::unique_ptr<Stage> stage);
  /// Cuts the connection without an answer. The owner is not told.
  void abort();

 private:
  friend class HttpStage;
  HttpStage* stage_;  // null once over
  Connection& connection_;
  std::shared_ptr<const Request> request_;
  ExchangeOwner* owner_ = nullptr;
  bool answered_ = false;
};

}  // namespace engineio::transports
