#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "engineio/rate_window.hpp"
#include "engineio/session.hpp"
#include "engineio/session_handler.hpp"
#include "socketio/decoder.hpp"
#include "socketio/detail/server_core.hpp"
#include "socketio/detail/socket_core.hpp"

namespace socketio::detail {

class Client;

/// A client's wish to join one namespace, on its way through the middlewares.
class JoinAttempt final : public std::enable_shared_from_this<JoinAttempt> {
 public:
  JoinAttempt(Client& client, SocketPtr socket) noexcept
      : client_(&client), handle_(std::move(socket)) {}

  const SocketPtr& socket() const noexcept { return handle_.core(); }
  /// Null: admitted.
  const Reject* refusal() const noexcept { return boost::variant2::get_if<Reject>(&admission_); }
  /// Asks the middlewares from the next one on, until one needs time; then tells the client.
  void proceed();
  /// The connection is gone.
  void forget_client() noexcept { client_ = nullptr; }

 private:
  bool ask(const std::shared_ptr<const Middleware>& middleware);
  void wait(boost::asio::awaitable<Admission> pending, std::shared_ptr<const Middleware> kept);
  void answered(const std::exception_ptr& exception, Admission admission);

  Client* client_;
  const Socket handle_;  // what middlewares refer to while they wait
  std::size_t next_ = 0;
  Admission admission_;
};

/// One connection as Socket.IO sees it: takes messages apart, and hands packets to the sockets of
/// its namespaces.
///
/// Life: made when the session opens; must join a namespace before the connect deadline; ends with
/// the session, whose reason all of its sockets report. Owned by the session. Everything happens on
/// its loop.
class Client final : public engineio::SessionHandler, private engineio::TurnTask {
 public:
  Client(ServerCore& server, engineio::Session& session);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() override;

  ServerCore& server() noexcept { return server_; }
  engineio::Session& session() noexcept { return session_; }
  engineio::Loop& loop() noexcept { return session_.loop(); }

  /// A socket has left its namespace.
  void remove(const SocketCore& socket);
  /// Disconnects all sockets, telling the client, and closes the connection.
  void disconnect_all();
  /// The middlewares have decided: the rest waits for the end of the turn, so that an event in the
  /// same breath as its CONNECT counts as sent before it, as in the JavaScript server.
  void decided(const std::shared_ptr<JoinAttempt>& attempt);

 private:
  void on_open() override;
  void on_text(std::string_view text) override;
  void on_binary(const engineio::Block& message) override;
  void on_close(engineio::CloseReason reason, std::string_view description) override;
  void end_of_turn() override;

  void dispatch(DecodeStatus status, const DecodedPacket& packet);
  void connect(const DecodedPacket& packet);
  void refuse(std::string_view nsp, const Reject& reject);
  void finish(const JoinAttempt& attempt);
  void expect_packets();
  SocketPtr find(std::string_view nsp) const noexcept;
  bool is_joining(std::string_view nsp) const noexcept;
  bool over_event_rate();
  void malformed();
  void violation();
  void on_connect_deadline();
  void on_attachment_deadline();

  // What a message touches stands together and first, as in the session.
  ServerCore& server_;
  engineio::Session& session_;
  Decoder decoder_;
  boost::container::small_vector<SocketPtr, 1> sockets_;  // connected ones, mostly one
  engineio::MemberDeadline<Client, &Client::on_attachment_deadline> attachment_deadline_{*this};
  std::vector<std::shared_ptr<JoinAttempt>> attempts_;  // middlewares are deciding
  std::vector<std::shared_ptr<JoinAttempt>> decided_;   // … have decided in this turn
  engineio::MemberDeadline<Client, &Client::on_connect_deadline> connect_deadline_{*this};
  engineio::RateWindow event_rate_;
};

}  // namespace socketio::detail
