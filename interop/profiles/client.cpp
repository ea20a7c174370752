// Profile `client`: the server that the official Socket.IO client's own tests talk to.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/describe/class.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "interop/profiles/profile.hpp"
#include "socketio/args.hpp"
#include "socketio/server.hpp"

namespace interop {
namespace {

using namespace std::chrono_literals;
using socketio::Ack;
using socketio::Admission;
using socketio::Admit;
using socketio::Binary;
using socketio::Handshake;
using socketio::RawArgs;
using socketio::Reject;
using socketio::Socket;
using std::chrono::system_clock;

struct Mixed {
  std::string hello;
  Binary message;
  std::string goodbye;
};
BOOST_DESCRIBE_STRUCT(Mixed, (), (hello, message, goodbye))

struct Dated {
  system_clock::time_point date;
};
BOOST_DESCRIBE_STRUCT(Dated, (), (date))

/// Which of the events that must come in order have come.
struct Seen {
  bool abuff1 = false;
  bool blob1 = false;
  bool blob2 = false;
};

/// Allows every request, but only after 10 ms: tests of the client's own timeout count on it.
void allow_later(const engineio::Request&, engineio::DecisionCallback reply) {
  auto timer = std::make_shared<boost::asio::steady_timer>(boost::asio::system_executor(), 10ms);
  timer->async_wait([timer, reply = std::move(reply)](boost::system::error_code) { reply({}); });
}

void add_text_events(socketio::Server& io) {
  io.on("hi", [](const Socket& socket) { socket.emit("hi"); });
  io.on("echo", [](const RawArgs& args, const Ack<RawArgs>& ack) { ack(args); });
  io.on("ack", [](const Socket& socket) {
    socket.emit("ack", [socket](int number, const boost::json::object& flags) {
      if (number == 5 && flags.contains("test")) socket.emit("got it");
    });
  });
  io.on("getAckDate", [](const boost::json::value&, const Ack<system_clock::time_point>& ack) {
    ack(system_clock::now());
  });
  io.on("getDate", [](const Socket& socket) { socket.emit("takeDate", system_clock::now()); });
  io.on("getDateObj",
        [](const Socket& socket) { socket.emit("takeDateObj", Dated{system_clock::now()}); });
  io.on("getUtf8", [](const Socket& socket) {
    for (const char* text :
         {"てすと", "Я Б Г Д Ж Й", "Ä ä Ü ü ß", "utf8 — string", "utf8 — string"}) {
      socket.emit("takeUtf8", text);
    }
  });
  io.on("false", [](const Socket& socket) { socket.emit("false", false); });
  io.on("getHandshake", [](const Socket& socket, const Ack<boost::json::object>& ack) {
    ack(socket.handshake().to_json());
  });
}

void add_binary_events(socketio::Server& io) {
  const auto send_bytes = [](std::string event) {
    return
        [event](const Socket& socket) { socket.emit(event, Binary(std::string_view("asdfasdf"))); };
  };
  const auto confirm = [](std::string event) {
    return [event](const Socket& socket, const Binary&) { socket.emit(event); };
  };
  const auto confirm_mixed = [](std::string event) {
    return [event](const Socket& socket, const Mixed& mixed) {
      if (mixed.hello == "lol" && mixed.goodbye == "gotcha") socket.emit(event);
    };
  };
  io.on("doge", send_bytes("doge"));
  io.on("getbin", send_bytes("takebin"));
  io.on("buffa", confirm("buffack"));
  io.on("blob", confirm("back"));
  io.on("jsonbuff", confirm_mixed("jsonbuff-ack"));
  io.on("jsonblob", confirm_mixed("jsonblob-ack"));
}

void add_ordered_events(socketio::Server& io) {
  io.on("abuff1", [](const Socket& socket, const Binary&) { socket.data<Seen>().abuff1 = true; });
  io.on("abuff2", [](const Socket& socket) {
    if (socket.data<Seen>().abuff1) socket.emit("abuff2-ack");
  });
  io.on("blob1", [](const Socket& socket, const Binary&) { socket.data<Seen>().blob1 = true; });
  io.on("blob2", [](const Socket& socket, const std::string& text) {
    socket.data<Seen>().blob2 = socket.data<Seen>().blob1 && text == "second";
  });
  io.on("blob3", [](const Socket& socket, const Binary&) {
    if (socket.data<Seen>().blob2) socket.emit("blob3-ack");
  });
}

}  // namespace

void run_client(const Setting& setting) {
  socketio::Options options{.threads = setting.threads};
  options.engine.ping_interval = 2s;
  options.engine.allow_request = allow_later;
  socketio::Server io(std::move(options));

  io.use([](const Handshake& handshake) -> Admission {
    if (!handshake.query().get("fail").empty()) return Reject{"Auth failed (main namespace)"};
    return Admit{};
  });
  io.of("/no").use(
      [](const Handshake&) -> Admission { return Reject{"Auth failed (custom namespace)"}; });
  for (const char* name : {"/timeout_socket", "/valid", "/asd"}) io.of(name);
  io.of("/abc").on_connection(
      [](const Socket& socket) { socket.emit("handshake", socket.handshake().to_json()); });

  const auto tell_id = [](const Socket& socket, const Ack<std::string>& ack) { ack(socket.id()); };
  io.on("getId", tell_id);
  io.of("/foo").on("getId", tell_id);
  add_text_events(io);
  add_binary_events(io);
  add_ordered_events(io);
  serve(io, setting);
}

}  // namespace interop
