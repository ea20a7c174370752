#include "socketio/detail/client.hpp"

#include <algorithm>
#include <chrono>

#include <boost/asio/co_spawn.hpp>

#include "socketio/json.hpp"
#include "socketio/packet.hpp"

namespace socketio::detail {
namespace {

boost::json::object parse_auth(std::string_view data, const JsonLimits& limits) {
  if (data.empty()) return {};
  auto parsed = parse_json(data, limits);  // checked by the decoder
  return parsed && parsed->is_object() ? std::move(parsed->get_object()) : boost::json::object{};
}

template <class List, class Pointer>
void erase_pointer(List& list, const Pointer* pointer) {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const auto& held) { return held.get() == pointer; });
  if (found != list.end()) list.erase(found);
}

}  // namespace

void JoinAttempt::proceed() {
  const auto self = shared_from_this();
  const auto& middlewares = socket()->nsp().listeners().middlewares;
  while (client_ && !refusal() && next_ < middlewares.size()) {
    if (!ask(middlewares[next_++])) return;
  }
  if (client_) client_->decided(self);
}

// False: the answer comes later.
bool JoinAttempt::ask(const std::shared_ptr<const Middleware>& middleware) {
  bool ready = true;
  try {
    PendingAdmission answer = (*middleware)(handle_);
    if (auto* pending = boost::variant2::get_if<boost::asio::awaitable<Admission>>(&answer)) {
      ready = false;
      wait(std::move(*pending), middleware);
    } else {
      admission_ = std::move(boost::variant2::get<Admission>(answer));
    }
  } catch (...) {
    ready = true;
    socket()->report_exception({}, std::current_exception());
    admission_ = Reject{"internal error"};
  }
  return ready;
}

void JoinAttempt::wait(boost::asio::awaitable<Admission> pending,
                       std::shared_ptr<const Middleware> kept) {
  boost::asio::co_spawn(executor_of(*socket()), std::move(pending),
                        [self = shared_from_this(), kept = std::move(kept)](
                            const std::exception_ptr& exception, Admission admission) {
                          self->answered(exception, std::move(admission));
                        });
}

void JoinAttempt::answered(const std::exception_ptr& exception, Admission admission) {
  if (!client_) return;
  const engineio::Loop::Turn turn(socket()->loop());
  admission_ = std::move(admission);
  if (exception) {
    socket()->report_exception({}, exception);
    admission_ = Reject{"internal error"};
  }
  proceed();
}

Client::Client(ServerCore& server, engineio::Session& session)
    : server_(server), session_(session), decoder_(server.decoder_limits()) {}

Client::~Client() {
  for (const auto& attempt : attempts_) {
    attempt->forget_client();
    attempt->socket()->abandon();
  }
  for (const SocketPtr& socket : sockets_) socket->abandon();
}

void Client::on_open() { loop().arm(connect_deadline_, server_.options().connect_timeout); }

void Client::on_text(std::string_view text) {
  DecodedPacket& packet = server_.scratch(loop().index());
  dispatch(decoder_.feed_text(text, packet), packet);
  packet.clear();
}

void Client::on_binary(const engineio::Block& message) {
  DecodedPacket& packet = server_.scratch(loop().index());
  dispatch(decoder_.feed_binary(message, packet), packet);
  packet.clear();
}

void Client::dispatch(DecodeStatus status, const DecodedPacket& packet) {
  if (status == DecodeStatus::error) return malformed();
  if (status == DecodeStatus::waiting) {
    if (sockets_.empty()) return violation();  // nothing is collected for a stranger
    if (!attachment_deadline_.armed())
      loop().arm(attachment_deadline_, server_.options().limits.attachment_timeout);
    return;
  }
  if (attachment_deadline_.armed()) attachment_deadline_.cancel();
  if (over_event_rate()) return session_.fail("event rate limit");
  SocketPtr socket = find(packet.nsp());
  if (packet.type() == PacketType::connect) return socket ? violation() : connect(packet);
  if (!socket || packet.type() == PacketType::connect_error) return violation();
  SocketCore& receiver = *socket;
  receiver.receive(std::move(socket), packet);
}

bool Client::over_event_rate() {
  const std::size_t limit = server_.options().limits.events_per_second;
  if (limit == 0) return false;
  return !event_rate_.admit(loop().now(), limit);
}

void Client::connect(const DecodedPacket& packet) {
  const std::string_view name = packet.nsp();
  if (is_joining(name)) return violation();
  NamespaceCore* const nsp = server_.find(name);
  if (!nsp) return refuse(name, Reject{"Invalid namespace"});
  if (sockets_.size() + attempts_.size() >= server_.options().limits.namespaces_per_client) {
    return refuse(name, Reject{"too many namespaces"});
  }
  Handshake handshake(session_.shared_request(),
                      parse_auth(packet.data(), server_.decoder_limits().json),
                      std::chrono::system_clock::now());
  auto socket =
      std::make_shared<SocketCore>(nsp->shard(loop().index()), *this, std::move(handshake));
  attempts_.push_back(std::make_shared<JoinAttempt>(*this, std::move(socket)));
  const auto attempt = attempts_.back();
  attempt->proceed();
}

void Client::refuse(std::string_view nsp, const Reject& reject) {
  session_.send(
      encode_connect_error(nsp, reject.message, reject.data ? &*reject.data : nullptr).text);
}

void Client::decided(const std::shared_ptr<JoinAttempt>& attempt) {
  decided_.push_back(attempt);
  loop().at_end_of_turn(*this);
}

void Client::end_of_turn() {
  const auto decided = std::move(decided_);
  decided_.clear();
  for (const auto& attempt : decided) finish(*attempt);
}

void Client::finish(const JoinAttempt& attempt) {
  const SocketPtr socket = attempt.socket();
  erase_pointer(attempts_, &attempt);
  if (session_.state() != engineio::SessionFsm::State::open) return socket->abandon();
  if (const Reject* refusal = attempt.refusal()) {
    refuse(socket->nsp().name(), *refusal);
    return socket->abandon();
  }
  connect_deadline_.cancel();
  sockets_.push_back(socket);
  expect_packets();
  socket->connect();
}

SocketPtr Client::find(std::string_view nsp) const noexcept {
  for (const SocketPtr& socket : sockets_) {
    if (socket->nsp().name() == nsp) return socket;
  }
  return nullptr;
}

bool Client::is_joining(std::string_view nsp) const noexcept {
  return std::any_of(attempts_.begin(), attempts_.end(),
                     [nsp](const auto& attempt) { return attempt->socket()->nsp().name() == nsp; });
}

void Client::remove(const SocketCore& socket) {
  erase_pointer(sockets_, &socket);
  expect_packets();
}

// Most will be for the socket that came first.
void Client::expect_packets() {
  session_.set_receiver(sockets_.empty() ? nullptr : sockets_.front().get());
}

void Client::disconnect_all() {
  const auto sockets = sockets_;
  for (const SocketPtr& socket : sockets) socket->disconnect(false);
  session_.close();
}

// Every socket hears of it, then the connection closes in order.
void Client::malformed() {
  const auto sockets = sockets_;
  for (const SocketPtr& socket : sockets) {
    socket->report({Errc::malformed_packet, std::string(decoder_.error())});
  }
  session_.close();
}

// Nobody is told why. Where the connection can't end at once, sockets don't wait for it.
void Client::violation() {
  session_.close();
  if (session_.state() == engineio::SessionFsm::State::closed) return;
  const auto sockets = std::move(sockets_);
  sockets_.clear();
  for (const SocketPtr& socket : sockets) socket->close(DisconnectReason::forced_server_close, {});
}

void Client::on_connect_deadline() {
  if (sockets_.empty()) violation();
}

void Client::on_attachment_deadline() { session_.close(); }

void Client::on_close(engineio::CloseReason reason, std::string_view description) {
  connect_deadline_.cancel();
  attachment_deadline_.cancel();
  const auto attempts = std::move(attempts_);
  attempts_.clear();
  for (const auto& attempt : attempts) {
    attempt->forget_client();
    attempt->socket()->abandon();
  }
  const auto sockets = std::move(sockets_);
  sockets_.clear();
  const std::string text(description);
  for (const SocketPtr& socket : sockets) socket->close(from_close_reason(reason), text);
}

}  // namespace socketio::detail
