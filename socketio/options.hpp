#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "engineio/options.hpp"

namespace socketio {

using std::chrono::milliseconds;

/// What the Socket.IO layer bears from one client. Every limit can be reached exactly; one more is
/// over it. The limits of the layer below (message sizes, send queues, time for a request …) are in
/// engineio::Limits: `Options::engine.limits`.
struct Limits {
  std::size_t attachments = 10;  ///< binary values in one packet; over: the connection closes
  milliseconds attachment_timeout{
      30'000};  ///< from a packet's text to its last attachment; over: the connection closes
  std::size_t json_depth =
      128;  ///< nested arrays and objects in a packet, 2,048 at most; over: the connection closes
  std::size_t event_name_bytes = 1'024;  ///< over: the connection closes
  std::size_t connect_payload_bytes =
      16'384;                         ///< of the `auth` value as sent; over: the connection closes
  std::size_t namespace_bytes = 256;  ///< of a namespace's name; over: the connection closes
  std::size_t namespaces_per_client =
      64;  ///< joined by one connection at a time; over: `connect_error`
  std::size_t rooms_per_socket = 10'000;  ///< its own included; over: `on_error`, not joined
  std::size_t outstanding_acks =
      10'000;  ///< replies a client owes; over: the emit fails with Errc::too_many_acks
  std::size_t events_per_second =
      0;  ///< of one connection, all namespaces; over: it closes. 0: off
};

/// Certificate and key for serving TLS, as PEM files.
struct Tls {
  std::string certificate_file;  ///< the chain, the server's own certificate first
  std::string private_key_file;
};

/// Settings of a Server. Every member has a default, so name what differs: `Server io{{.threads =
/// 4}}`.
struct Options {
  /// Event loops, each with a thread of its own. With 1 no two handlers ever run at the same time;
  /// 0 means one for each processor. A Server that runs on the caller's io_context is one loop, and
  /// refuses more.
  std::size_t threads = 1;
  /// Where clients connect, `path` of the JavaScript client. A trailing slash is added.
  std::string path = "/socket.io";
  /// For a new connection to join its first namespace; over: it is closed.
  milliseconds connect_timeout{45'000};
  /// For the clients' part of the closes that Server::close begins; then their connections are cut.
  milliseconds shutdown_timeout{2'000};
  Limits limits = {};
  /// Serve https and wss in place of http and ws.
  std::optional<Tls> tls = {};
  /// The folder with the browser's client, `socket.io[.min|.esm.min].js` and their maps, to be
  /// served below `path`. Read once, by listen(). Empty: none is served.
  std::string serve_client = {};
  /// Version of that client, for HTTP caches. Empty: the content of the folder's file VERSION.
  std::string client_version = {};
  /// The layer below: heartbeat, payload size, CORS, `allow_request`, the log. Its `path` is
  /// replaced by the one above.
  engineio::Options engine = {};
};

}  // namespace socketio
