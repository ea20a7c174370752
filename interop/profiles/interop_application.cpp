#include "interop/profiles/interop_application.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <syncstream>
#include <utility>
#include <variant>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include "socketio/args.hpp"
#include "socketio/server.hpp"

namespace interop {
namespace {

using boost::system::error_code;
using socketio::Ack;
using socketio::Args;
using socketio::Binary;
using socketio::Broadcast;
using socketio::DisconnectReason;
using socketio::Namespace;
using socketio::RawArgs;
using socketio::Server;
using socketio::Socket;
using std::chrono::milliseconds;

using Texts = std::vector<std::string>;
using OneOrMore = std::variant<std::string, Texts>;
/// One value that may be binary, or contain none.
using Value = std::variant<Binary, boost::json::value>;

/// Whom an event of the profile concerns.
struct Audience {
  std::optional<std::string> from = {};
  std::optional<std::string> nsp = {};
  std::optional<Texts> to = {};
  std::optional<Texts> except = {};
  std::optional<Texts> flags = {};

  bool has(std::string_view flag) const {
    return flags && std::find(flags->begin(), flags->end(), flag) != flags->end();
  }
};
BOOST_DESCRIBE_STRUCT(Audience, (), (from, nsp, to, except, flags))

struct Collected {
  boost::json::value error;
  std::vector<Value> responses;
};
BOOST_DESCRIBE_STRUCT(Collected, (), (error, responses))

/// What a socket of this profile keeps.
struct State {
  std::size_t sent = 0;
  boost::json::value remembered = nullptr;
};

/// One line of JSON on stdout: the scenarios read the server's view of a disconnect there.
void report(const char* event, const Socket& socket, DisconnectReason reason) {
  Texts rooms = socket.rooms();
  std::erase(rooms, socket.id());
  std::sort(rooms.begin(), rooms.end());
  const boost::json::object line = {
      {"event", event},
      {"nsp", socket.nsp()},
      {"id", socket.id()},
      {"reason", to_string(reason)},
      {"rooms", boost::json::array(rooms.begin(), rooms.end())},
      {"connected", socket.connected()},
  };
  std::osyncstream(std::cout) << boost::json::serialize(line) << std::endl;
}

boost::json::value message_of(error_code error) {
  if (!error) return nullptr;
  return boost::json::string(error.message());
}

void add_echoes(Namespace& nsp) {
  nsp.on("echo", [](const Socket& socket, const RawArgs& args, const Ack<RawArgs>& ack) {
    if (ack) {
      ack(args);
    } else {
      socket.emit("echo", args);
    }
  });
  nsp.on("burst", [](const Socket& socket, int count) {
    for (int i = 0; i < count; ++i) socket.emit("burst", socket.data<State>().sent++);
  });
  nsp.on("volatile-burst", [](const Socket& socket, int count) {
    for (int i = 0; i < count; ++i) socket.volatile_().emit("volatile", i);
    socket.emit("volatile-end");
  });
  nsp.on("attachments", [](const Socket& socket, int count) {
    std::vector<Binary> values;
    values.reserve(static_cast<std::size_t>(std::max(count, 0)));
    for (int i = 0; i < count; ++i) values.emplace_back(std::string(1, static_cast<char>(i)));
    socket.emit("attachments", values);
  });
}

void add_memory(Namespace& nsp) {
  nsp.on("handshake", [](const Socket& socket, const Ack<boost::json::object>& ack) {
    ack(socket.handshake().to_json());
  });
  nsp.on("remember", [](const Socket& socket, boost::json::value value, const Ack<>& ack) {
    socket.data<State>().remembered = std::move(value);
    ack();
  });
  nsp.on("recall", [](const Socket& socket, const Ack<boost::json::value>& ack) {
    ack(socket.data<State>().remembered);
  });
}

/// `{error, answer: [the values of the client's reply]}`, binary ones included.
Args answer_of(error_code error, Args reply) {
  boost::json::object result = {{"error", message_of(error)}, {"answer", std::move(reply.values)}};
  return Args{.values = {std::move(result)}, .attachments = std::move(reply.attachments)};
}

void add_questions(Namespace& nsp) {
  nsp.on("ask", [](const Socket& socket, int limit, const std::string& event, const RawArgs& args,
                   Ack<Args> ack) {
    if (limit == 0) {
      socket.emit(event, args, [ack](Args reply) { ack(answer_of({}, std::move(reply))); });
      return;
    }
    socket.timeout(milliseconds(limit)).emit(event, args, [ack](error_code error, Args reply) {
      ack(answer_of(error, std::move(reply)));
    });
  });
}

void add_rooms(Namespace& nsp) {
  nsp.on("join", [](const Socket& socket, const OneOrMore& rooms, const Ack<>& ack) {
    std::visit([&socket](const auto& names) { socket.join(names); }, rooms);
    ack();
  });
  nsp.on("leave", [](const Socket& socket, const std::string& room, const Ack<>& ack) {
    socket.leave(room);
    ack();
  });
  nsp.on("rooms", [](const Socket& socket, const Ack<Texts>& ack) {
    Texts rooms = socket.rooms();
    std::sort(rooms.begin(), rooms.end());
    ack(rooms);
  });
}

Broadcast narrowed(Broadcast target, const Audience& audience) {
  if (audience.to) target = target.to(*audience.to);
  if (audience.except) target = target.except(*audience.except);
  if (audience.has("local")) target = target.local();
  if (audience.has("volatile")) target = target.volatile_();
  return target;
}

bool is_socket_itself(const Audience& audience) {
  return audience.from.value_or("socket") == "socket" && audience.to.value_or(Texts{}).empty() &&
         audience.except.value_or(Texts{}).empty() && !audience.has("broadcast") &&
         !audience.has("local");
}

/// Those of the namespace that the audience names, or of the socket's own.
Broadcast within(Server& io, const Socket& socket, const Audience& audience) {
  return narrowed(io.of(audience.nsp.value_or(socket.nsp())).everyone(), audience);
}

Broadcast select(Server& io, const Socket& socket, const Audience& audience) {
  if (audience.from.value_or("socket") == "namespace") return within(io, socket, audience);
  return narrowed(socket.broadcast(), audience);
}

void add_broadcasts(Server& io, Namespace& nsp) {
  nsp.on("cast", [&io](const Socket& socket, const Audience& audience, const std::string& event,
                       const RawArgs& args) {
    if (!is_socket_itself(audience)) {
      select(io, socket, audience).emit(event, args);
    } else if (audience.has("volatile")) {
      socket.volatile_().emit(event, args);
    } else {
      socket.emit(event, args);
    }
  });
  nsp.on("cast-ack", [&io](const Socket& socket, const Audience& audience, int limit,
                           const std::string& event, const RawArgs& args, Ack<Collected> ack) {
    const auto timed = select(io, socket, audience).timeout(milliseconds(limit));
    timed.emit(event, args, [ack](error_code error, std::vector<Value> responses) {
      ack(Collected{message_of(error), std::move(responses)});
    });
  });
}

void add_utilities(Server& io, Namespace& nsp) {
  nsp.on("count", [&io](const Socket& socket, const Audience& audience, Ack<std::size_t> ack) {
    within(io, socket, audience).count_sockets([ack](error_code, std::size_t count) {
      ack(count);
    });
  });
  nsp.on("fetch", [&io](const Socket& socket, const Audience& audience, Ack<Texts> ack) {
    within(io, socket, audience)
        .fetch_sockets([ack](error_code, const std::vector<socketio::RemoteSocket>& sockets) {
          Texts ids;
          for (const auto& found : sockets) ids.push_back(found.id());
          std::sort(ids.begin(), ids.end());
          ack(ids);
        });
  });
  nsp.on("sockets-join", [&io](const Socket& socket, const Audience& audience, Texts rooms,
                               Ack<> ack) {
    within(io, socket, audience).sockets_join(std::move(rooms), [ack](error_code) { ack(); });
  });
  nsp.on("sockets-leave", [&io](const Socket& socket, const Audience& audience, Texts rooms,
                                Ack<> ack) {
    within(io, socket, audience).sockets_leave(std::move(rooms), [ack](error_code) { ack(); });
  });
  nsp.on("disconnect-sockets", [&io](const Socket& socket, const Audience& audience, bool close) {
    within(io, socket, audience).disconnect_sockets(close);
  });
}

void add_endings(Server& io, Namespace& nsp) {
  nsp.on("disconnect-me", [](const Socket& socket, bool close) { socket.disconnect(close); });
  nsp.on("emit-then-disconnect", [](const Socket& socket, bool close) {
    socket.emit("last words");
    socket.disconnect(close);
  });
  nsp.on("shutdown", [&io] { io.close(); });
  nsp.on_disconnecting([](const Socket& socket, DisconnectReason reason) {
    report("disconnecting", socket, reason);
  });
  nsp.on_disconnect(
      [](const Socket& socket, DisconnectReason reason) { report("disconnect", socket, reason); });
}

}  // namespace

void add_application(Server& io, Namespace& nsp) {
  add_echoes(nsp);
  add_memory(nsp);
  add_questions(nsp);
  add_rooms(nsp);
  add_broadcasts(io, nsp);
  add_utilities(io, nsp);
  add_endings(io, nsp);
}

}  // namespace interop
