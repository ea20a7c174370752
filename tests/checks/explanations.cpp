// Mistakes that do not compile. The compiler's output must have the words behind each `says:`, and
// nothing before them that would hide them: explanations.sh.
#include <functional>
#include <string>
#include <string_view>

#include "socketio/server.hpp"

using namespace std::chrono_literals;
using namespace socketio;

struct Unknown {
  int member;
};

void f(Server& io, Socket socket) {
  // says: a handler's parameter types must be known
  io.on("e", [](auto) {});
  // says: a handler takes its parameters by value or const reference
  io.on("e", [](std::string&) {});
  // says: a handler's parameters are: Socket (optional, first)
  io.on("e", [](int, Socket) {});
  // says: a handler returns void or boost::asio::awaitable<void>
  io.on("e", [](int) { return 1; });
  // says: no event brings a DisconnectReason: use on_disconnect
  socket.on("e", [](DisconnectReason) {});
  // says: this type cannot be sent or received; describe it with BOOST_DESCRIBE_STRUCT
  io.on("e", [](Unknown) {});
  // says: a std::string_view would dangle
  io.on("e", [](std::string_view) {});
  // says: a const char* would dangle
  io.on("e", [](const char*) {});
  // says: a catch-all handler takes the event's name
  io.on_any([] {});
  // says: the only parameter is Socket
  io.on_connection([](Socket, int) {});
  // says: to_string(reason) is JavaScript's text
  io.on_disconnect([](Socket, std::string) {});
  // says: const Error& (optional)
  io.on_error([](Socket, std::string) {});
  // says: there is no next() to call
  io.use([](Socket, std::function<void()>) {});
  // says: a middleware returns Admission, or boost::asio::awaitable<Admission>
  io.use([](Socket) { return true; });
  // says: the parameter of a middleware for events is Event&
  socket.use([](Socket) { return Admit{}; });
  // says: its parameters have types, no auto
  socket.emit("e", [](auto) {});
  // says: after timeout(), the callback's first parameter is a boost::system::error_code
  socket.timeout(1s).emit("e", [](int) {});
  // says: a broadcast that asks for replies needs a time limit
  io.emit("e", [](int) {});
}
