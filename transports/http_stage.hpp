#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "transports/connection.hpp"
#include "transports/exchange.hpp"
#include "transports/http_codec.hpp"

namespace engineio::transports {

/// HTTP/1.1 on one connection: one request at a time, in order. Reads it, has the Router answer it,
/// keeps the deadlines.
///
///   idle ──first byte──► head ──► body (if any) ──► answering ──► leaving ──► idle
///
/// Deadlines: idle, keep_alive_timeout, at first header_timeout; head, header_timeout; body,
/// body_timeout and the least pace; leaving, keep_alive_timeout without any progress. Answering,
/// which for a poll means that there is nothing to tell yet, has none.
///
/// An answer that is given before the body came is held back until the body has been read and
/// thrown away. The next request is not looked at before the answer has left.
class HttpStage final : public Stage {
 public:
  explicit HttpStage(Connection& connection);
  ~HttpStage() override;

  void on_start() override;
  std::size_t on_bytes(std::span<char> bytes) override;
  void on_drained() override;
  void on_deadline() override;
  void on_shutdown() override { connection_.close_when_written(); }
  void on_end() override;

 private:
  friend class Exchange;
  enum class State : std::uint8_t { idle, head, body, answering, leaving };
  struct Answer {
    HttpResponse response;
    std::vector<Block> payload;
  };

  void begin_exchange();
  void finish_body();
  void give_body();
  void refuse(const HttpFault& fault);
  void check_pace();
  void check_progress();
  void await_request();
  std::size_t unsent_bytes() const noexcept;
  void answer(const HttpResponse& response, std::span<const Block> payload);
  void write_answer(const HttpResponse& response, std::span<const Block> payload);
  void upgrade(const HttpResponse& response, std::unique_ptr<Stage> stage);
  std::shared_ptr<Exchange> end_exchange();
  const Options& options() const noexcept;

  Connection& connection_;
  HttpCodec codec_;
  std::shared_ptr<Exchange> exchange_;
  std::unique_ptr<Answer> early_answer_;  // waits for the end of the body
  std::size_t body_bytes_ = 0;  // of the body, with its framing, since the pace was looked at last
  milliseconds paced_{};        // the time in which they had to keep it
  std::size_t unsent_at_last_look_ = 0;  // of the answer
  State state_ = State::idle;
  bool is_head_ = false;  // the request's method: its answer has no body
  bool body_wanted_ = false;
  bool last_ = false;  // the connection is closed after the answer that leaves
};

}  // namespace engineio::transports
