#include "transports/http_stage.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "engineio/detail/log_text.hpp"
#include "engineio/payload.hpp"
#include "transports/response_headers.hpp"
#include "transports/router.hpp"

namespace engineio::transports {
namespace {

constexpr milliseconds pace_check_interval = std::chrono::seconds(5);
constexpr std::size_t copied_up_to =
    512;  // smaller packets cost less to copy than to write as a piece of their own

HttpResponse empty_response(int status) { return {.status = status}; }

}  // namespace

HttpStage::HttpStage(Connection& connection)
    : connection_(connection), codec_(connection.io().engine.options().limits) {}

HttpStage::~HttpStage() = default;

const Options& HttpStage::options() const noexcept { return connection_.io().engine.options(); }

void HttpStage::on_start() { connection_.arm(options().limits.header_timeout); }

std::size_t HttpStage::on_bytes(std::span<char> bytes) {
  if (state_ == State::answering || state_ == State::leaving) return 0;
  if (state_ == State::idle) {
    state_ = State::head;
    connection_.arm(options().limits.header_timeout);
  }
  if (state_ == State::body && !body_wanted_) codec_.discard_body();
  const HttpProgress progress = codec_.feed({bytes.data(), bytes.size()});
  if (state_ == State::body) body_bytes_ += progress.consumed;
  switch (progress.event) {
    case HttpEvent::need_more: break;
    case HttpEvent::head: begin_exchange(); break;
    case HttpEvent::body: finish_body(); break;
    case HttpEvent::error: refuse(codec_.fault()); break;
  }
  return progress.consumed;
}

void HttpStage::begin_exchange() {
  connection_.disarm();
  Request request = codec_.take_head();
  request.remote_address = connection_.peer().address;
  request.remote_port = connection_.peer().port;
  request.secure = connection_.secure();
  request.time = std::chrono::system_clock::now();
  state_ = codec_.has_body() ? State::body : State::answering;
  body_wanted_ = false;
  is_head_ = request.method == "HEAD";
  exchange_ = std::make_shared<Exchange>(*this, connection_,
                                         std::make_shared<const Request>(std::move(request)));
  if (codec_.content_length().value_or(0) > options().max_payload) {
    return refuse({.status = 413, .reason = "declared body too large"});
  }
  if (state_ == State::body) {
    codec_.set_body_limit(options().max_payload);
    const milliseconds timeout = options().limits.body_timeout;
    body_bytes_ = 0;
    paced_ = timeout - std::min(pace_check_interval, timeout / 3);
    connection_.arm(timeout);
  }
  const auto exchange = exchange_;
  connection_.io().router.serve(exchange);
}

void HttpStage::finish_body() {
  connection_.disarm();
  state_ = State::answering;
  if (const auto answer = std::exchange(early_answer_, nullptr))
    return write_answer(answer->response, answer->payload);
  if (body_wanted_) give_body();
}

void HttpStage::give_body() {
  if (!std::exchange(body_wanted_, true) && state_ == State::body && codec_.expects_continue()) {
    connection_.write_static("HTTP/1.1 100 Continue\r\n\r\n");
  }
  if (state_ == State::body || !exchange_->owner_) return;
  const auto exchange = exchange_;
  exchange->owner_->on_body(*exchange, codec_.take_body());
}

void HttpStage::refuse(const HttpFault& fault) {
  IoLoop& io = connection_.io();
  io.log_some(io.refused_request_lines, LogLevel::info,
              "refused a request of " + connection_.peer().address + ": " +
                  std::to_string(fault.status) + ' ' + engineio::detail::loggable(fault.reason));
  HttpResponse response = empty_response(fault.status);
  const auto early = std::exchange(early_answer_, nullptr);
  if (early && early->payload.empty()) response = std::move(early->response);
  if (exchange_) add_cors_headers(response.headers, options(), exchange_->request());
  if (const auto exchange = end_exchange(); exchange && exchange->owner_) {
    if (fault.status == 413) {
      exchange->owner_->on_body_refused(*exchange);
    } else {
      exchange->owner_->on_abandoned(*exchange);
    }
  }
  response.close = true;
  write_answer(response, {});
}

void HttpStage::answer(const HttpResponse& response, std::span<const Block> payload) {
  exchange_->answered_ = true;
  if (state_ != State::body) return write_answer(response, payload);
  if (codec_.expects_continue() && !body_wanted_) {
    // The client holds its body back until it hears from us, and this is it: the body may never
    // come.
    HttpResponse last = response;
    last.close = true;
    return write_answer(last, payload);
  }
  early_answer_ = std::make_unique<Answer>(Answer{response, {payload.begin(), payload.end()}});
}

void HttpStage::write_answer(const HttpResponse& response, std::span<const Block> payload) {
  const ResponseFraming framing{.keep_alive = codec_.keep_alive() && !response.close,
                                .is_1_0 = codec_.is_1_0(),
                                .is_head = is_head_};
  std::size_t size = payload.empty() ? response.body.size() : payload.size() - 1;
  for (const Block& packet : payload) size += packet.size();
  BlockBuilder out(512);
  if (!append_response_head(out, response, size, framing)) {
    connection_.io().engine.log(LogLevel::error,
                                "a response header field has an impossible name or value");
    return write_answer({.status = 500, .close = true}, {});
  }
  if (payload.empty() && has_body(response.status, framing)) out.append(response.body);
  const auto write_out = [&] {
    const Block block = out.finish();
    connection_.write(block, block.payload());
  };
  for (const Block& packet : payload) {
    if (&packet != payload.data()) out.push_back(payload_separator);
    if (packet.size() <= copied_up_to) {
      out.append(packet.payload());
      continue;
    }
    write_out();
    connection_.write(packet, packet.payload());
  }
  if (out.size() > 0) write_out();
  state_ = State::leaving;
  last_ = !framing.keep_alive;
  unsent_at_last_look_ = connection_.unsent_bytes();
  connection_.arm(options().limits.keep_alive_timeout);
  connection_.tell_drained();
}

void HttpStage::on_drained() {
  if (state_ != State::leaving) return;
  const auto exchange = end_exchange();
  if (last_) {
    connection_.close_when_written();
  } else {
    await_request();
  }
  if (exchange && exchange->owner_) exchange->owner_->on_answer_left(*exchange);
}

void HttpStage::await_request() {
  codec_.next();
  state_ = State::idle;
  is_head_ = false;
  connection_.arm(options().limits.keep_alive_timeout);
  connection_.resume();
}

std::size_t HttpStage::unsent_bytes() const noexcept {
  std::size_t bytes = connection_.unsent_bytes();
  if (!early_answer_) return bytes;
  for (const Block& packet : early_answer_->payload) bytes += packet.size();
  return bytes;
}

void HttpStage::upgrade(const HttpResponse& response, std::unique_ptr<Stage> stage) {
  end_exchange();
  BlockBuilder out(256);
  if (!append_response_head(out, response, 0, {}))
    throw std::logic_error("invalid header field in a 101");
  const Block head = out.finish();
  connection_.write(head, head.payload());
  connection_.replace_stage(std::move(stage));
}

std::shared_ptr<Exchange> HttpStage::end_exchange() {
  if (exchange_) exchange_->stage_ = nullptr;
  return std::exchange(exchange_, nullptr);
}

void HttpStage::on_deadline() {
  switch (state_) {
    case State::idle: return connection_.close_when_written();
    case State::head: return refuse({.status = 408, .reason = "the head took too long"});
    case State::body: return check_pace();
    case State::answering: return;
    case State::leaving: return check_progress();
  }
}

// An answer may take its time, but a peer that has taken nothing since the last look is cut.
void HttpStage::check_progress() {
  const std::size_t unsent = connection_.unsent_bytes();
  if (std::exchange(unsent_at_last_look_, unsent) == unsent) return connection_.abort();
  connection_.arm(options().limits.keep_alive_timeout);
}

// A slow body is borne as long as it keeps its pace from one look to the next: a trickle would hold
// the session for hours. However slow it may be, it must not stall.
void HttpStage::check_pace() {
  const Limits& limits = options().limits;
  const auto due = static_cast<std::size_t>(paced_.count()) * limits.body_bytes_per_second / 1000;
  if (body_bytes_ < std::max<std::size_t>(due, 1)) {
    return refuse({.status = 408, .reason = "the body took too long"});
  }
  body_bytes_ = 0;
  paced_ = std::min(pace_check_interval, limits.body_timeout);
  connection_.arm(paced_);
}

void HttpStage::on_end() {
  early_answer_.reset();
  const auto exchange = end_exchange();
  if (exchange && exchange->owner_) exchange->owner_->on_abandoned(*exchange);
}

}  // namespace engineio::transports
