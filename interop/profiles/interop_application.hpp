#pragma once

namespace socketio {
class Namespace;
class Server;
}  // namespace socketio

namespace interop {

/// Adds the events that `/` and `/chat` of the profile `interop` have in common.
void add_application(socketio::Server& io, socketio::Namespace& nsp);

}  // namespace interop
