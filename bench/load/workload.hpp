#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace bench {

/// How clients come.
enum class Transport : unsigned char {
  websocket,  ///< WebSocket at once
  polling,    ///< long-polling, for good
  upgrade,    ///< by long-polling, then over to WebSocket, as a browser's client does
};

/// What the generator does, as its flags say it.
struct Workload {
  std::string kind = "echo";
  Transport transport = Transport::websocket;
  bool tls = false;
  bool resume = false;  ///< new TLS connections take up the session of an earlier one
  std::string host = "127.0.0.1";
  std::uint16_t port = 3000;
  std::string path = "/socket.io/";
  std::size_t connections = 100;
  std::size_t in_flight = 1;  ///< messages of one connection (or rounds) under way at a time
  std::size_t together =
      0;  ///< messages under way in all, of clients that take turns; 0: see above
  std::size_t payload = 32;  ///< bytes of the event's string, or of its binary attachment
  std::size_t groups = 1;    ///< rooms or namespaces that the clients are dealt to
  double warm_up = 1;        ///< seconds
  double seconds = 3;
  std::uint64_t count = 0;  ///< measure so many messages instead of those seconds
  double rate = 0;          ///< messages per second over all connections; 0: as answers come
};

}  // namespace bench
