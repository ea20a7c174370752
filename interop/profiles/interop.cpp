// Profile `interop`: the application of our own scenarios, as README.md specifies it event by
// event.

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "interop/profiles/interop_application.hpp"
#include "interop/profiles/profile.hpp"
#include "socketio/args.hpp"
#include "socketio/server.hpp"

namespace interop {
namespace {

using namespace std::chrono_literals;
using socketio::Ack;
using socketio::Admission;
using socketio::Admit;
using socketio::Args;
using socketio::Error;
using socketio::Event;
using socketio::Handshake;
using socketio::Reject;
using socketio::Socket;

void add_guarded(socketio::Namespace& guarded) {
  guarded.use([](const Handshake& handshake) -> Admission {
    const boost::json::value* token = handshake.auth().if_contains("token");
    if (!token) return Reject{"no token"};
    if (handshake.auth_field("token") == "letmein") return Admit{};
    return Reject{"not authorised", {{"code", 401}, {"token", *token}}};
  });
  guarded.on_connection(
      [](const Socket& socket) { socket.emit("admitted", socket.handshake().auth()); });
}

/// The names of the events that were emitted to one socket of `/any`.
using Outgoing = std::vector<std::string>;

Args one_array(std::string first, Args args) {
  return Args{.values = {std::move(first), std::move(args.values)},
              .attachments = std::move(args.attachments)};
}

void add_catch_all(socketio::Namespace& any) {
  any.on_any_outgoing([](const Socket& socket, const std::string& event) {
    socket.data<Outgoing>().push_back(event);
  });
  any.on_any([](const Socket& socket, const std::string& event, const Args& args) {
    if (event != "outgoing") socket.emit("any", one_array(event, args));
  });
  any.on_connection([](const Socket& socket) {
    socket.use([](Event& event) -> Admission {
      if (event.name == "blocked") return Reject{"blocked here"};
      return Admit{};
    });
  });
  any.on_error(
      [](const Socket& socket, const Error& error) { socket.emit("refused", error.message); });
  for (const char* name : {"known", "blocked"}) {
    any.on(name, [name](const Socket& socket) { socket.emit("handled", name); });
  }
  any.on("outgoing",
         [](const Socket& socket, const Ack<Outgoing>& ack) { ack(socket.data<Outgoing>()); });
}

}  // namespace

void run_interop(const Setting& setting) {
  socketio::Options options{.threads = setting.threads};
  options.engine.ping_interval = 1s;
  options.engine.ping_timeout = 3s;
  options.engine.max_payload = 1'000'000;
  socketio::Server io(std::move(options));
  for (const char* name : {"/", "/chat"}) add_application(io, io.of(name));
  add_guarded(io.of("/guarded"));
  add_catch_all(io.of("/any"));
  serve(io, setting);
}

}  // namespace interop
