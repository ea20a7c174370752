#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "engineio/payload.hpp"
#include "engineio/session.hpp"
#include "engineio/transport.hpp"
#include "transports/exchange.hpp"

namespace engineio::transports {

/// HTTP long-polling: a GET parks until there is something to send (`send` releases it), a POST
/// brings what the client sends. At most one of each at a time: a second one breaks the rules and
/// ends the session.
///
/// Owned by its session. The parked GET is `poll_`; it is released in exactly one place,
/// answer_poll(), and is `leaving_` until the network has its answer. Meanwhile the next one may
/// park already, but gets nothing.
class PollingTransport final : public Transport, private ExchangeOwner {
 public:
  explicit PollingTransport(Session& session);
  ~PollingTransport() override;

  /// A GET came for this session; the first one is the handshake itself.
  void on_poll(const std::shared_ptr<Exchange>& exchange);
  /// The head of a POST came for this session.
  void on_post(const std::shared_ptr<Exchange>& exchange);

  TransportKind kind() const noexcept override { return TransportKind::polling; }
  bool writable() const noexcept override { return poll_ && !leaving_ && phase_ != Phase::closed; }
  void send(std::span<const Block> batch) override;
  std::size_t unsent_bytes() const noexcept override {
    return leaving_ ? leaving_->unsent_bytes() : 0;
  }
  bool close() override;
  void release_poll() override;
  const Request* current_request() const noexcept override {
    return post_ ? &post_->request() : nullptr;
  }

 private:
  enum class Phase : std::uint8_t {
    open,
    closing,  // the goodbye waits for the next poll
    closed,   // it is on its way, or the client has said its own
  };

  void on_body(Exchange& exchange, std::string body) override;
  void on_body_refused(Exchange& exchange) override;
  void on_abandoned(Exchange& exchange) override;
  void on_answer_left(Exchange& exchange) override;

  void answer_poll(std::span<const Block> payload);
  void answer_post();
  void refuse(Exchange& exchange);
  void deliver_some_packets();
  void deliver(std::string_view text);
  void on_close_packet();
  void fail(std::string_view description);

  Session& session_;
  Loop& loop_;
  const Options& options_;
  std::shared_ptr<Exchange> poll_;        // the parked GET
  std::shared_ptr<Exchange> leaving_;     // the GET whose answer is under way
  std::shared_ptr<Exchange> post_;        // the POST in progress
  std::optional<PayloadReader> payload_;  // its body, while packets are handed over
  std::shared_ptr<PollingTransport*> self_ =
      std::make_shared<PollingTransport*>(this);  // for posted turns
  bool handshake_ = true;                         // the next answer opens the session
  Phase phase_ = Phase::open;
};

}  // namespace engineio::transports
