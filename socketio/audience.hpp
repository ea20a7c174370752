#pragma once

#include <string>
#include <vector>

namespace socketio {

/// How a packet is to travel.
struct Flags {
  bool volatile_ = false;  ///< drop it for a client that could not be written to at once
  bool compress = true;    ///< false: don't spend time on compressing it
  bool local = false;      ///< this server process only, not the others of a cluster
};

/// Who is meant: the sockets of a namespace that are in any of `rooms` (all of them when it is
/// empty) and in none of `except`. Every socket is in the room named like its id, so ids work in
/// both. Each socket is meant once.
struct Audience {
  std::vector<std::string> rooms = {};  ///< the order is the order of sending
  std::vector<std::string> except = {};
  Flags flags = {};
};

}  // namespace socketio
