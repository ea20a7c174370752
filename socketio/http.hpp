#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engineio/request.hpp"

namespace socketio {

/// The answer to an HTTP request beside Socket.IO. `Content-Length` is added by the server.
struct HttpResponse {
  int status = 200;
  std::vector<engineio::HeaderField> headers = {};
  std::string body = {};
};

/// Answers a request, at once: it runs on an event loop and must not block. It sees the request's
/// head; a body is read and thrown away.
using HttpHandler = std::function<HttpResponse(const engineio::Request& request)>;

}  // namespace socketio
