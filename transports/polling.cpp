#include "transports/polling.hpp"

#include <algorithm>
#include <utility>

#include "transports/response_headers.hpp"

namespace engineio::transports {
namespace {

const Block& close_packet() {
  static const Block block = Block::copy_of("1");
  return block;
}

const Block& noop_packet() {
  static const Block block = Block::copy_of("6");
  return block;
}

// A look at the clock costs as much as some of the work of a small packet.
constexpr std::size_t packets_per_look = 8;

bool is_raw_binary(const Request& request) {
  return request.header("content-type") == "application/octet-stream";
}

}  // namespace

PollingTransport::PollingTransport(Session& session)
    : session_(session), loop_(session.loop()), options_(session.options()) {}

PollingTransport::~PollingTransport() {
  *self_ = nullptr;
  if (poll_) poll_->abort();
  if (leaving_) leaving_->set_owner(nullptr);
  if (post_)
    answer_post();  // the session ended, or moved on, before all of its packets were handed over
}

void PollingTransport::on_poll(const std::shared_ptr<Exchange>& exchange) {
  if (poll_) {
    refuse(*exchange);
    return fail("overlap from client");
  }
  poll_ = exchange;
  poll_->set_owner(this);
  if (phase_ == Phase::closing) {
    const Block goodbye[] = {noop_packet(), close_packet()};
    answer_poll(goodbye);
    phase_ = Phase::closed;
    return session_.sink().on_close_sent(*this);
  }
  if (!handshake_ && !leaving_) session_.sink().on_drained(*this);
}

void PollingTransport::on_post(const std::shared_ptr<Exchange>& exchange) {
  if (post_ || payload_) {
    if (post_) std::exchange(post_, nullptr)->abort();
    refuse(*exchange);
    return fail("data request overlap from client");
  }
  // Revision 4 has no binary payloads; a session that sends one would wait for messages that never
  // arrive.
  if (is_raw_binary(exchange->request())) {
    refuse(*exchange);
    return fail("invalid content");
  }
  post_ = exchange;
  post_->set_owner(this);
  post_->read_body();
}

void PollingTransport::send(std::span<const Block> batch) {
  std::vector<Block> encoded;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (batch[i].kind() == BlockKind::text) continue;
    if (encoded.empty()) encoded.assign(batch.begin(), batch.end());
    std::string text;
    append_base64_message(text, batch[i].payload());
    encoded[i] = Block::copy_of(text);
  }
  answer_poll(encoded.empty() ? batch : std::span<const Block>(encoded));
}

// The one place where a parked GET is released.
void PollingTransport::answer_poll(std::span<const Block> payload) {
  if (leaving_) leaving_->set_owner(nullptr);  // a goodbye waits for nobody
  const auto poll = leaving_ = std::exchange(poll_, nullptr);
  HttpResponse response{.headers = {{"cache-control", "no-store"}},
                        .content_type = "text/plain; charset=UTF-8"};
  add_headers(response.headers, options_, poll->request(), std::exchange(handshake_, false));
  poll->respond(response, payload);
}

void PollingTransport::release_poll() {
  if (writable()) answer_poll({&noop_packet(), 1});
}

bool PollingTransport::close() {
  if (phase_ == Phase::closed) return true;
  if (post_ && !payload_) std::exchange(post_, nullptr)->abort();
  if (!poll_) {
    phase_ = Phase::closing;
    return false;
  }
  phase_ = Phase::closed;
  answer_poll({&close_packet(), 1});
  return true;
}

void PollingTransport::on_body(Exchange&, std::string body) {
  payload_.emplace(to_valid_utf8(std::move(body)));
  deliver_some_packets();
}

// Works off one turn's share of the POST; its answer tells the client that all of it was handed
// over.
void PollingTransport::deliver_some_packets() {
  const std::size_t share = std::max<std::size_t>(options_.limits.packets_per_turn, 1);
  for (std::size_t i = 1; i <= share && phase_ == Phase::open; ++i) {
    const auto text = payload_->next();
    if (!text) break;
    deliver(*text);
    if (i % packets_per_look == 0 && loop_.turn_lasts(options_.limits.turn_time)) break;
  }
  if (phase_ != Phase::open || payload_->done() || session_.polling() != this) return answer_post();
  loop_.post([self = self_] {
    if (*self && (*self)->payload_) (*self)->deliver_some_packets();
  });
}

void PollingTransport::deliver(std::string_view text) {
  const auto packet = decode_packet(text);
  if (!packet) {
    session_.sink().on_malformed_packet(*this);  // who closes already doesn't mind
  } else if (packet->type == PacketType::close) {
    on_close_packet();
  } else {
    session_.sink().on_packet(*this, *packet);
  }
}

void PollingTransport::on_close_packet() {
  release_poll();
  phase_ = Phase::closed;
  session_.sink().on_closed(*this);
}

void PollingTransport::answer_post() {
  payload_.reset();
  const auto post = std::exchange(post_, nullptr);
  if (!post || !post->pending()) return;
  post->set_owner(nullptr);
  HttpResponse response{
      .headers = {{"cache-control", "no-store"}}, .body = "ok", .content_type = "text/html"};
  add_headers(response.headers, options_, post->request(), false);
  post->respond(response);
}

void PollingTransport::on_body_refused(Exchange& exchange) {
  if (&exchange != post_.get()) return on_abandoned(exchange);
  post_.reset();
}

void PollingTransport::on_abandoned(Exchange& exchange) {
  if (&exchange == poll_.get() || &exchange == leaving_.get()) {
    (&exchange == poll_.get() ? poll_ : leaving_).reset();
    fail("poll connection closed prematurely");
  } else if (&exchange == post_.get()) {
    post_.reset();
    if (!payload_) fail("data request connection closed prematurely");
  }
}

void PollingTransport::on_answer_left(Exchange& exchange) {
  if (&exchange == leaving_.get()) leaving_.reset();
  if (phase_ != Phase::closed) session_.sink().on_drained(*this);
}

void PollingTransport::refuse(Exchange& exchange) {
  HttpResponse response{.status = 400};
  add_cors_headers(response.headers, options_, exchange.request());
  exchange.respond(response);
}

void PollingTransport::fail(std::string_view description) {
  if (phase_ != Phase::closed) session_.sink().on_failed(*this, description);
}

}  // namespace engineio::transports
