#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "examples/comment_server/comment_store.hpp"
#include "examples/comment_server/logging.hpp"
#include "examples/comment_server/presence.hpp"
#include "socketio/server.hpp"

namespace comment_server {

/// What the comment server does with its clients, in the namespaces `/` and `/comment`. README.md
/// lists the events.
///
/// A client's room is its page: the URL that it connected with, without the protocol's own
/// parameters.
///
/// The life of a comment: checked and taken by the store's queue, or refused, which only its ack
/// tells. Taken, its writer is thanked and everybody else in the room gets it, at once and byte for
/// byte as it came; the ack follows when it is committed.
///
/// Threads: handlers run on the server's loops; answers of the store are sent from its thread.
class CommentApp {
 public:
  struct Settings {
    std::size_t max_comment_bytes =
        65'536;  ///< of a comment's JSON text; with its attachments it must fit into `history`
    std::size_t waiting_comments =
        1'000;              ///< of one client, taken and not yet committed; more are refused
    HistoryLimits history;  ///< for a client that connects
    std::chrono::milliseconds online_pause{500};  ///< between two `online` events of a room
  };

  /// Registers the handlers, so before io.listen(). Requires: `io` and `store` are used no more
  /// when the app is gone, that is, the server has ended and the store is closed.
  CommentApp(socketio::Server& io, CommentStore& store, Log& log, const Settings& settings);
  CommentApp(const CommentApp&) = delete;
  CommentApp& operator=(const CommentApp&) = delete;

 private:
  using Reply = socketio::Ack<socketio::Args>;

  void serve(socketio::Namespace& nsp);
  void welcome(const socketio::Socket& socket);
  void see_off(const socketio::Socket& socket, socketio::DisconnectReason reason);
  void take(const socketio::Socket& socket, const socketio::RawArgs& args, const Reply& reply);
  std::string queue(const socketio::Socket& socket, const socketio::RawArgs& args,
                    const Reply& reply);
  void log_message(const socketio::Socket& socket, const socketio::RawArgs& args);

  socketio::Server& io_;
  CommentStore& store_;
  Log& log_;
  const Settings settings_;
  Presence presence_;
};

}  // namespace comment_server
